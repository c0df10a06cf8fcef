import apps.core.triggers
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0001_initial'),
        ('providers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Patient',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('given_name', models.CharField(max_length=60)),
                ('family_name', models.CharField(max_length=60)),
                ('born_on', models.DateField()),
                ('postal_code', models.CharField(max_length=10)),
                ('phone', models.CharField(blank=True, max_length=30)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('time_zone', models.CharField(default='America/New_York', max_length=40)),
                ('registered_at', models.DateTimeField()),
                ('latest_recorded_at', models.DateTimeField()),
                ('prescriber', models.ForeignKey(help_text='Who cares for the patient now.', on_delete=django.db.models.deletion.PROTECT, related_name='patients', to='providers.prescriber')),
            ],
            options={
                'indexes': [models.Index(fields=['born_on', 'family_name'], name='patient_by_birth_and_name')],
                'constraints': [models.CheckConstraint(condition=models.Q(('latest_recorded_at__gte', models.F('registered_at'))), name='patient_recorded_after_registered'), models.CheckConstraint(condition=models.Q(models.Q(('given_name', ''), _negated=True), models.Q(('family_name', ''), _negated=True)), name='patient_has_name')],
            },
        ),
        migrations.CreateModel(
            name='DuplicateDecision',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('reason', models.CharField(max_length=400)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='not_duplicate_of', to='patients.patient')),
                ('resembles', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('patient', models.F('resembles')), _negated=True), name='duplicate_is_another_patient'), models.UniqueConstraint(fields=('patient', 'resembles'), name='duplicate_decided_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='duplicate_decision_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='CategoryAssignment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('risk_category', models.CharField(choices=[('adult_frp', 'Adult female of reproductive potential'), ('child_frp', 'Female child of reproductive potential'), ('adult_fnrp', 'Adult female not of reproductive potential'), ('child_fnrp', 'Female child not of reproductive potential'), ('adult_male', 'Adult male'), ('child_male', 'Male child')], max_length=12)),
                ('basis_kind', models.CharField(blank=True, choices=[('natural_menopause', 'Natural menopause of at least 24 months'), ('hysterectomy', 'Hysterectomy'), ('bilateral_oophorectomy', 'Bilateral oophorectomy')], max_length=24)),
                ('basis_on', models.DateField(help_text='For menopause, the last menses.', null=True)),
                ('reason', models.CharField(max_length=400)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='categories', to='patients.patient')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('risk_category__in', ['adult_frp', 'child_frp', 'adult_fnrp', 'child_fnrp', 'adult_male', 'child_male'])), name='category_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('basis_kind', ''), ('basis_on__isnull', True)), models.Q(models.Q(('basis_kind', ''), _negated=True), ('basis_on__isnull', False)), _connector='OR'), name='category_basis_has_date'), models.CheckConstraint(condition=models.Q(('basis_kind__in', ['', 'natural_menopause', 'hysterectomy', 'bilateral_oophorectomy'])), name='category_basis_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('risk_category', 'adult_fnrp'), models.Q(('basis_kind', ''), _negated=True)), models.Q(models.Q(('risk_category', 'adult_fnrp'), _negated=True), ('basis_kind', '')), _connector='OR'), name='category_adult_fnrp_has_basis'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='category_has_reason'), models.UniqueConstraint(fields=('patient', 'recorded_at'), name='category_one_at_an_instant')],
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('program', models.CharField(max_length=40)),
                ('risk_category', models.CharField(choices=[('adult_frp', 'Adult female of reproductive potential'), ('child_frp', 'Female child of reproductive potential'), ('adult_fnrp', 'Adult female not of reproductive potential'), ('child_fnrp', 'Female child not of reproductive potential'), ('adult_male', 'Adult male'), ('child_male', 'Male child')], max_length=12)),
                ('text_version', models.CharField(max_length=40)),
                ('signer', models.CharField(choices=[('patient', 'Patient'), ('guardian', 'Parent or guardian'), ('representative', 'Authorized representative')], max_length=14)),
                ('signer_name', models.CharField(max_length=120)),
                ('signer_relationship', models.CharField(blank=True, max_length=60)),
                ('patient_signed_at', models.DateTimeField(null=True)),
                ('prescriber_signed_at', models.DateTimeField(null=True)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('prescriber', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='providers.prescriber')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='patients.patient')),
            ],
            options={
                'indexes': [models.Index(fields=['patient', 'program'], name='agreement_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(('risk_category__in', ['adult_frp', 'child_frp', 'adult_fnrp', 'child_fnrp', 'adult_male', 'child_male'])), name='agreement_category_is_known'), models.CheckConstraint(condition=models.Q(('signer__in', ['patient', 'guardian', 'representative'])), name='agreement_signer_is_known'), models.CheckConstraint(condition=models.Q(('signer', 'patient'), models.Q(('signer_relationship', ''), _negated=True), _connector='OR'), name='agreement_relationship_is_named'), models.CheckConstraint(condition=models.Q(('signer_name', ''), _negated=True), name='agreement_signer_is_named')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patient',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='e9fb6c3e4896a79211c714e2d5f3da64f5cb71e0', operation='DELETE', pgid='pgtrigger_no_delete_9b980', table='patients_patient', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patient',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='db83ba7997b4ca164f29ed19db3b3ec2807fcff3', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_87b17', table='patients_patient', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patient',
            trigger=pgtrigger.compiler.Trigger(name='latest_recorded_at_moves_forward', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.latest_recorded_at < OLD.latest_recorded_at)', func="\n                RAISE EXCEPTION 'latest_recorded_at of % never goes back', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='ef24243bc853472c103b72aee0fdc115703d1236', operation='UPDATE', pgid='pgtrigger_latest_recorded_at_moves_forward_e1d34', table='patients_patient', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patient',
            trigger=pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD."born_on" IS DISTINCT FROM (NEW."born_on") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."family_name" IS DISTINCT FROM (NEW."family_name") OR OLD."given_name" IS DISTINCT FROM (NEW."given_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."postal_code" IS DISTINCT FROM (NEW."postal_code") OR OLD."prescriber_id" IS DISTINCT FROM (NEW."prescriber_id") OR OLD."registered_at" IS DISTINCT FROM (NEW."registered_at") OR OLD."time_zone" IS DISTINCT FROM (NEW."time_zone"))', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='a8d855c9d58b626493cd3d43b13503f2e8b06537', operation='UPDATE', pgid='pgtrigger_row_history_8baed', table='patients_patient', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='duplicatedecision',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='c5a673e1a5b865c1d726645078fdbc6dd7b946b6', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_594bc', table='patients_duplicatedecision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='duplicatedecision',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='8b449f9ffaab0858868263726270a5c679d99f19', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_18613', table='patients_duplicatedecision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='categoryassignment',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='33a8e8da322cb851dba3e9eeaedac715f97d9f01', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_73191', table='patients_categoryassignment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='categoryassignment',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='76107b46c51c2233a4dc9d494c4d3d364774f6ca', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_7f8f6', table='patients_categoryassignment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='agreement',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'patient_signed_at\', \'prescriber_signed_at\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'patient_signed_at\', \'prescriber_signed_at\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'patient_signed_at\', \'prescriber_signed_at\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='70fd55a03280d8fe4e47430f52d9a23f74d5d002', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_80c11', table='patients_agreement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='agreement',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='5a3dcaf80a17e1b5cb3c2cebd7cc2622e671fc2d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_b5d0a', table='patients_agreement', when='BEFORE')),
        ),
    ]
