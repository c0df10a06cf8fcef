import apps.core.triggers
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
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
            name='Agreement',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
                ('program', models.CharField(max_length=40)),
                ('risk_category', models.CharField(choices=[('adult_frp', 'Adult female of reproductive potential'), ('child_frp', 'Female child of reproductive potential'), ('adult_fnrp', 'Adult female not of reproductive potential'), ('child_fnrp', 'Female child not of reproductive potential'), ('adult_male', 'Adult male'), ('child_male', 'Male child')], max_length=12)),
                ('text_version', models.CharField(max_length=40)),
                ('text_language', models.CharField(max_length=12)),
                ('signer', models.CharField(choices=[('patient', 'Patient'), ('guardian', 'Parent or guardian'), ('representative', 'Authorized representative')], max_length=14)),
                ('signer_name', models.CharField(max_length=120)),
                ('signer_relationship', models.CharField(blank=True, max_length=60)),
                ('patient_signed_at', models.DateTimeField(null=True)),
                ('prescriber_signed_at', models.DateTimeField(null=True)),
                ('patient_date_only', models.BooleanField(help_text='Only the date of the signature was known (L-SRC-2).', null=True)),
                ('prescriber_date_only', models.BooleanField(help_text='Only the date of the signature was known (L-SRC-2).', null=True)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('prescriber', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='providers.prescriber')),
                ('withdrawal_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'abstract': False,
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
            ],
        ),
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
                ('merged_into', models.ForeignKey(db_index=False, help_text='The record that is kept of the same person; this one is never acted on again.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_records', to='patients.patient')),
                ('prescriber', models.ForeignKey(help_text='Who cares for the patient now.', on_delete=django.db.models.deletion.PROTECT, related_name='patients', to='providers.prescriber')),
            ],
            options={
                'indexes': [models.Index(fields=['born_on', 'family_name'], name='patient_by_birth_and_name'), models.Index(django.db.models.functions.text.Upper('family_name'), django.db.models.functions.text.Upper('given_name'), name='patient_by_name'), models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='patient_merged_into')],
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
            name='CategoryChange',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('risk_category', models.CharField(choices=[('adult_frp', 'Adult female of reproductive potential'), ('child_frp', 'Female child of reproductive potential'), ('adult_fnrp', 'Adult female not of reproductive potential'), ('child_fnrp', 'Female child not of reproductive potential'), ('adult_male', 'Adult male'), ('child_male', 'Male child')], max_length=12)),
                ('basis_kind', models.CharField(blank=True, choices=[('natural_menopause', 'Natural menopause of at least 24 months'), ('hysterectomy', 'Hysterectomy'), ('bilateral_oophorectomy', 'Bilateral oophorectomy')], max_length=24)),
                ('basis_on', models.DateField(help_text='For menopause, the last menses.', null=True)),
                ('reason', models.CharField(max_length=400)),
                ('said_by', models.CharField(help_text='Who said so.', max_length=200)),
                ('requested_at', models.DateTimeField()),
                ('needs_approval', models.BooleanField(help_text='Towards less monitoring.')),
                ('state', models.CharField(choices=[('pending', 'Waiting'), ('approved', 'In effect'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], default='pending', max_length=10)),
                ('decided_at', models.DateTimeField(help_text='When it stopped waiting.', null=True)),
                ('decision_reason', models.CharField(blank=True, max_length=1000)),
                ('agreement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='category_change', to='patients.agreement')),
                ('assignment', models.OneToOneField(help_text='The category that it brought.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='change', to='patients.categoryassignment')),
                ('decision_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='category_changes', to='patients.patient')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('patient',), name='category_change_one_waits'), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'approved', 'refused', 'withdrawn'])), name='category_change_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('basis_on__isnull', False), ('risk_category', 'adult_fnrp'), models.Q(('basis_kind', ''), _negated=True)), models.Q(models.Q(('risk_category', 'adult_fnrp'), _negated=True), ('basis_kind', ''), ('basis_on__isnull', True)), _connector='OR'), name='category_change_basis_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('said_by', ''), _negated=True)), name='category_change_has_reason'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('requested_at'))), name='category_change_instants_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('assignment__isnull', True), ('decided_at__isnull', True), ('decision_operation__isnull', True), ('decision_reason', ''), ('state', 'pending')), models.Q(('assignment__isnull', False), ('decided_at__gte', models.F('requested_at')), ('decided_at__isnull', False), ('decision_operation__isnull', False), ('state', 'approved'), models.Q(('decision_reason', ''), _negated=True)), models.Q(('assignment__isnull', True), ('decided_at__gte', models.F('requested_at')), ('decided_at__isnull', False), ('decision_operation__isnull', False), ('state__in', ['refused', 'withdrawn']), models.Q(('decision_reason', ''), _negated=True)), _connector='OR'), name='category_change_decision_is_whole')],
            },
        ),
        migrations.AddField(
            model_name='categoryassignment',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='categories', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='agreement',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='patients.patient'),
        ),
        migrations.CreateModel(
            name='PatientMerge',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('reason', models.CharField(max_length=400)),
                ('kept', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='patients.patient')),
                ('merged', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='merge', to='patients.patient')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kept', models.F('merged')), _negated=True), name='merge_is_of_two'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='merge_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='PatientTransfer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('kind', models.CharField(choices=[('taken_over', 'Taken over by the new prescriber'), ('handed_over', 'Handed over by the program')], max_length=11)),
                ('reason', models.CharField(max_length=400)),
                ('agreement', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transfer', to='patients.agreement')),
                ('from_prescriber', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='patients_moved_away', to='providers.prescriber')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='patients.patient')),
                ('to_prescriber', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='patients_moved_here', to='providers.prescriber')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('from_prescriber', models.F('to_prescriber')), _negated=True), name='transfer_is_to_another_prescriber'), models.CheckConstraint(condition=models.Q(models.Q(('agreement__isnull', False), ('kind', 'taken_over')), models.Q(('agreement__isnull', True), ('kind', 'handed_over')), _connector='OR'), name='transfer_taken_over_has_agreement'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='transfer_has_reason'), models.UniqueConstraint(fields=('patient', 'recorded_at'), name='transfer_one_at_an_instant')],
            },
        ),
        migrations.CreateModel(
            name='Representative',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('kind', models.CharField(choices=[('guardian', 'Parent or guardian'), ('representative', 'Authorized representative')], max_length=14)),
                ('name', models.CharField(max_length=120)),
                ('relationship', models.CharField(max_length=60)),
                ('phone', models.CharField(blank=True, max_length=30)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('named_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, max_length=400)),
                ('end_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='representatives', to='patients.patient')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('patient',), name='representative_one_at_a_time'), models.CheckConstraint(condition=models.Q(('kind__in', ['guardian', 'representative'])), name='representative_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('relationship', ''), _negated=True)), name='representative_is_named'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('named_at'))), name='representative_instants_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('end_operation__isnull', True), ('end_reason', ''), ('ended_at__isnull', True)), models.Q(('end_operation__isnull', False), ('ended_at__gte', models.F('named_at')), ('ended_at__isnull', False), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='representative_end_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='UndeliverableAddress',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('kind', models.CharField(choices=[('email', 'E-mail'), ('phone', 'Telephone'), ('post', 'Post')], max_length=5)),
                ('address', models.CharField(help_text='As it was when it failed.', max_length=254)),
                ('found_at', models.DateTimeField()),
                ('finding', models.CharField(help_text='How it was found out.', max_length=400)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('resolution', models.CharField(blank=True, max_length=400)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='undeliverable_addresses', to='patients.patient')),
                ('resolving_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'verbose_name_plural': 'undeliverable addresses',
                'constraints': [models.UniqueConstraint(condition=models.Q(('resolved_at__isnull', True)), fields=('patient', 'kind'), name='undeliverable_one_of_a_kind'), models.CheckConstraint(condition=models.Q(('kind__in', ['email', 'phone', 'post'])), name='undeliverable_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('address', ''), _negated=True), models.Q(('finding', ''), _negated=True)), name='undeliverable_is_described'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('found_at'))), name='undeliverable_instants_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('resolution', ''), ('resolved_at__isnull', True), ('resolving_operation__isnull', True)), models.Q(('resolved_at__gte', models.F('found_at')), ('resolved_at__isnull', False), ('resolving_operation__isnull', False), models.Q(('resolution', ''), _negated=True)), _connector='OR'), name='undeliverable_resolution_is_whole')],
            },
        ),
        apps.core.triggers.AddTriggers(
            model_name='patient',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='e9fb6c3e4896a79211c714e2d5f3da64f5cb71e0', operation='DELETE', pgid='pgtrigger_no_delete_9b980', table='patients_patient', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='db83ba7997b4ca164f29ed19db3b3ec2807fcff3', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_87b17', table='patients_patient', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='latest_recorded_at_moves_forward', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.latest_recorded_at < OLD.latest_recorded_at)', func="\n                RAISE EXCEPTION 'latest_recorded_at of % never goes back', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='ef24243bc853472c103b72aee0fdc115703d1236', operation='UPDATE', pgid='pgtrigger_latest_recorded_at_moves_forward_e1d34', table='patients_patient', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='merged_by_a_merge', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM patients_patientmerge m\n                    JOIN patients_patient k ON k.id = m.kept_id AND k.merged_into_id IS NULL\n                    WHERE m.kept_id = NEW.merged_into_id\n                        AND m.merged_id = coalesce(OLD.merged_into_id, NEW.id)), false) THEN\n                    RAISE EXCEPTION 'merged_by_a_merge: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='13f588c06c70ea31ebbd0dc8537efc85505fcb8f', operation='UPDATE', pgid='pgtrigger_merged_by_a_merge_ce1e3', table='patients_patient', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD."born_on" IS DISTINCT FROM (NEW."born_on") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."family_name" IS DISTINCT FROM (NEW."family_name") OR OLD."given_name" IS DISTINCT FROM (NEW."given_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."postal_code" IS DISTINCT FROM (NEW."postal_code") OR OLD."prescriber_id" IS DISTINCT FROM (NEW."prescriber_id") OR OLD."registered_at" IS DISTINCT FROM (NEW."registered_at") OR OLD."time_zone" IS DISTINCT FROM (NEW."time_zone"))', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='57a377348db9135cbe43564268d1272e8df92cca', operation='UPDATE', pgid='pgtrigger_row_history_8baed', table='patients_patient', when='AFTER')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='duplicatedecision',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='c5a673e1a5b865c1d726645078fdbc6dd7b946b6', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_594bc', table='patients_duplicatedecision', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='8b449f9ffaab0858868263726270a5c679d99f19', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_18613', table='patients_duplicatedecision', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='categorychange',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='d0369ada7ce7efe4edc07f7b46b490eab020fd84', operation='DELETE', pgid='pgtrigger_no_delete_3487e', table='patients_categorychange', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='602024e82345f110ec88f784ec48d32cf54cd390', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_4c0c5', table='patients_categorychange', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_moves', sql=apps.core.triggers.GuardSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{pending:approved,pending:refused,pending:withdrawn}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='fb40feb3aad86f812a6240147f094b555fb43d76', operation='UPDATE', pgid='pgtrigger_state_moves_152a7', table='patients_categorychange', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_starts', sql=apps.core.triggers.GuardSql(func="\n                IF NEW.state NOT IN ('pending') THEN\n                    RAISE EXCEPTION 'state: rows of % do not begin as %', TG_TABLE_NAME, NEW.state\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='1156aa53a3b2d46b00c34605fa4ab6e5bf4888c9', operation='INSERT', pgid='pgtrigger_state_starts_ed4f4', table='patients_categorychange', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='terms_are_fixed', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."operation_id" IS DISTINCT FROM (NEW."operation_id") OR OLD."patient_id" IS DISTINCT FROM (NEW."patient_id") OR OLD."risk_category" IS DISTINCT FROM (NEW."risk_category") OR OLD."basis_kind" IS DISTINCT FROM (NEW."basis_kind") OR OLD."basis_on" IS DISTINCT FROM (NEW."basis_on") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."said_by" IS DISTINCT FROM (NEW."said_by") OR OLD."requested_at" IS DISTINCT FROM (NEW."requested_at") OR OLD."needs_approval" IS DISTINCT FROM (NEW."needs_approval") OR OLD."agreement_id" IS DISTINCT FROM (NEW."agreement_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='7041d0f2d6411f0315b84565943d731db43e6b10', operation='UPDATE', pgid='pgtrigger_terms_are_fixed_dd50b', table='patients_categorychange', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='agreement_is_for_the_change', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.agreement_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM patients_agreement r WHERE r.id = NEW.agreement_id AND r.patient_id = NEW.patient_id AND r.risk_category = NEW.risk_category), false) THEN\n                    RAISE EXCEPTION 'agreement_is_for_the_change: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='77202d368bb361a30feb70ba3e8b9d23565f93b1', operation='INSERT', pgid='pgtrigger_agreement_is_for_the_change_71c16', table='patients_categorychange', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='approved_by_another', sql=apps.core.triggers.GuardSql(condition="WHEN (NEW.state = 'approved' AND NEW.needs_approval)", func="\n                IF NOT coalesce(EXISTS (\n                    SELECT FROM core_operation d, core_operation r\n                    WHERE d.id = NEW.decision_operation_id AND r.id = NEW.operation_id\n                        AND d.role = 'administrator' AND d.actor_id IS DISTINCT FROM r.actor_id), false) THEN\n                    RAISE EXCEPTION 'approved_by_another: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='87e7a0b4857ad4df81baf6468ce47305db0016b0', operation='UPDATE', pgid='pgtrigger_approved_by_another_40f2f', table='patients_categorychange', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='takes_effect_whole', sql=apps.core.triggers.GuardSql(condition="WHEN (NEW.state = 'approved')", func="\n                IF NOT coalesce(EXISTS (\n                    SELECT FROM patients_categoryassignment g, patients_agreement a\n                    WHERE g.id = NEW.assignment_id AND a.id = NEW.agreement_id\n                        AND g.patient_id = NEW.patient_id\n                        AND g.risk_category = NEW.risk_category\n                        AND g.basis_kind = NEW.basis_kind\n                        AND g.basis_on IS NOT DISTINCT FROM NEW.basis_on\n                        AND a.patient_signed_at IS NOT NULL\n                        AND a.prescriber_signed_at IS NOT NULL), false) THEN\n                    RAISE EXCEPTION 'takes_effect_whole: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='5135dd6f39e328efca863df7aed2fc1828a6ec3f', operation='UPDATE', pgid='pgtrigger_takes_effect_whole_a82f9', table='patients_categorychange', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='dc227591c8fb74bbb150b9303a3651853c7d3271', operation='UPDATE', pgid='pgtrigger_row_history_54bc6', table='patients_categorychange', when='AFTER')),
            ],
        ),
        migrations.AddConstraint(
            model_name='categoryassignment',
            constraint=models.CheckConstraint(condition=models.Q(('risk_category__in', ['adult_frp', 'child_frp', 'adult_fnrp', 'child_fnrp', 'adult_male', 'child_male'])), name='category_is_known'),
        ),
        migrations.AddConstraint(
            model_name='categoryassignment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis_kind', ''), ('basis_on__isnull', True)), models.Q(models.Q(('basis_kind', ''), _negated=True), ('basis_on__isnull', False)), _connector='OR'), name='category_basis_has_date'),
        ),
        migrations.AddConstraint(
            model_name='categoryassignment',
            constraint=models.CheckConstraint(condition=models.Q(('basis_kind__in', ['', 'natural_menopause', 'hysterectomy', 'bilateral_oophorectomy'])), name='category_basis_is_known'),
        ),
        migrations.AddConstraint(
            model_name='categoryassignment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('risk_category', 'adult_fnrp'), models.Q(('basis_kind', ''), _negated=True)), models.Q(models.Q(('risk_category', 'adult_fnrp'), _negated=True), ('basis_kind', '')), _connector='OR'), name='category_adult_fnrp_has_basis'),
        ),
        migrations.AddConstraint(
            model_name='categoryassignment',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='category_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='categoryassignment',
            constraint=models.UniqueConstraint(fields=('patient', 'recorded_at'), name='category_one_at_an_instant'),
        ),
        apps.core.triggers.AddTriggers(
            model_name='categoryassignment',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='33a8e8da322cb851dba3e9eeaedac715f97d9f01', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_73191', table='patients_categoryassignment', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='76107b46c51c2233a4dc9d494c4d3d364774f6ca', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_7f8f6', table='patients_categoryassignment', when='BEFORE')),
            ],
        ),
        migrations.AddIndex(
            model_name='agreement',
            index=models.Index(fields=['patient', 'program'], name='agreement_of'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_operation__isnull', True), ('withdrawal_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawal_operation__isnull', False), ('withdrawn_at__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='agreement_withdrawal_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='agreement_withdrawn_after_recorded'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(('risk_category__in', ['adult_frp', 'child_frp', 'adult_fnrp', 'child_fnrp', 'adult_male', 'child_male'])), name='agreement_category_is_known'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(('signer__in', ['patient', 'guardian', 'representative'])), name='agreement_signer_is_known'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(('signer', 'patient'), models.Q(('signer_relationship', ''), _negated=True), _connector='OR'), name='agreement_relationship_is_named'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(('signer_name', ''), _negated=True), name='agreement_signer_is_named'),
        ),
        apps.core.triggers.AddTriggers(
            model_name='agreement',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'patient_signed_at\', \'prescriber_signed_at\', \'patient_date_only\', \'prescriber_date_only\', \'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'patient_signed_at\', \'prescriber_signed_at\', \'patient_date_only\', \'prescriber_date_only\', \'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'patient_signed_at\', \'prescriber_signed_at\', \'patient_date_only\', \'prescriber_date_only\', \'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='6892430bed47f4b52c55cf95c18fe6c086a8615d', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_80c11', table='patients_agreement', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='5a3dcaf80a17e1b5cb3c2cebd7cc2622e671fc2d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_b5d0a', table='patients_agreement', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='patientmerge',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='8a418fa4b54378fa038915dcba2375bd0f7d24e5', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_5843a', table='patients_patientmerge', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='cd11f03116a25fda364097b633e02b09a18e7168', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_3c5bd', table='patients_patientmerge', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='neither_is_merged', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(NOT EXISTS (SELECT FROM patients_patient p\n                    WHERE p.id IN (NEW.kept_id, NEW.merged_id) AND p.merged_into_id IS NOT NULL), false) THEN\n                    RAISE EXCEPTION 'neither_is_merged: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='5b22a1adc86a12a403c183e49b032b13f49f0fc6', operation='INSERT', pgid='pgtrigger_neither_is_merged_4426e', table='patients_patientmerge', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='patienttransfer',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='599cba0964a5ef9e4c0a1064c8ae92b44e996de8', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_1b6ab', table='patients_patienttransfer', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='c92fb25ad1ce679f16b11a2febb6898091e66488', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_e2f68', table='patients_patienttransfer', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='agreement_is_the_patients', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.agreement_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM patients_agreement r WHERE r.id = NEW.agreement_id AND r.patient_id = NEW.patient_id), false) THEN\n                    RAISE EXCEPTION 'agreement_is_the_patients: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='03bf003d87accc28cbfd67485571b85d42eb72a0', operation='INSERT', pgid='pgtrigger_agreement_is_the_patients_96cc3', table='patients_patienttransfer', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='transfer_is_from_the_present_prescriber', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(EXISTS (SELECT FROM patients_patient p WHERE p.id = NEW.patient_id AND p.prescriber_id = NEW.from_prescriber_id), false) THEN\n                    RAISE EXCEPTION 'transfer_is_from_the_present_prescriber: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='ce62783d06eedd9d2fe42c625a71ac629af4dc51', operation='INSERT', pgid='pgtrigger_transfer_is_from_the_present_prescriber_b058e', table='patients_patienttransfer', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='representative',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'ended_at\', \'end_reason\', \'end_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'ended_at\', \'end_reason\', \'end_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'ended_at\', \'end_reason\', \'end_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='618c17018ae3c07b50a2acaa350455bac9af42a9', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_de5e4', table='patients_representative', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='1361654fc91e0e5510e47b05fe2c8a2103dc89e6', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_1c113', table='patients_representative', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='undeliverableaddress',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'resolved_at\', \'resolution\', \'resolving_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'resolved_at\', \'resolution\', \'resolving_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'resolved_at\', \'resolution\', \'resolving_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='e0ede023064ea573bf99706160a83735022b09be', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_89404', table='patients_undeliverableaddress', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='ac1fef96cd9a7b36b7e3971b4ef857c31e665573', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_87490', table='patients_undeliverableaddress', when='BEFORE')),
            ],
        ),
    ]
