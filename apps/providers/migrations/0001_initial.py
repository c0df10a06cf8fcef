import apps.core.triggers
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.operations
import django.db.models.deletion
import pgtrigger.compiler
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('account', '0009_emailaddress_unique_primary_email'),
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('axes', '0010_accessattemptexpiration'),
        ('core', '0001_initial'),
        ('mfa', '0003_authenticator_type_uniq'),
        ('oauth2_provider', '0022_refreshtoken_token_family_index'),
    ]

    operations = [
        django.contrib.postgres.operations.BtreeGistExtension(
        ),
        migrations.CreateModel(
            name='Practice',
            fields=[
                ('organization', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='practice', serialize=False, to='accounts.organization')),
                ('members_cover_each_other', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Prescriber',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('npi', models.CharField(max_length=10, unique=True, verbose_name='NPI')),
                ('given_name', models.CharField(max_length=60)),
                ('family_name', models.CharField(max_length=60)),
                ('specialty', models.CharField(max_length=80)),
                ('phone', models.CharField(max_length=30)),
                ('email', models.EmailField(max_length=254)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('certified', 'Certified'), ('suspended', 'Suspended'), ('decertified', 'Decertified')], default='pending', max_length=12)),
                ('registered_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='PrescriberEnrollment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('form_version', models.CharField(max_length=40)),
                ('education_acknowledged_at', models.DateTimeField()),
                ('attestations', models.JSONField(help_text='The code of every attestation, all of them signed.')),
                ('signed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='StaffTraining',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('program', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=120)),
                ('text_version', models.CharField(max_length=40)),
                ('acknowledged_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Succession',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('ended_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('taken_over', 'The successor took over'), ('withdrawn', 'Withdrawn'), ('superseded', 'Somebody else became the representative')], max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name='Delegation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('named_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('delegate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Pharmacy',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('npi', models.CharField(max_length=10, unique=True, verbose_name='NPI')),
                ('ncpdp_id', models.CharField(blank=True, max_length=7, null=True, unique=True, verbose_name='NCPDP id')),
                ('name', models.CharField(max_length=120)),
                ('address', models.CharField(max_length=200)),
                ('phone', models.CharField(max_length=30)),
                ('email', models.EmailField(max_length=254)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('certified', 'Certified'), ('suspended', 'Suspended'), ('decertified', 'Decertified')], default='pending', max_length=12)),
                ('registered_at', models.DateTimeField()),
                ('organization', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='pharmacy', to='accounts.organization')),
                ('representative', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='represents', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'pharmacies',
                'constraints': [models.CheckConstraint(condition=models.Q(('npi__regex', '^[0-9]{10}$')), name='pharmacy_npi'), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'certified', 'suspended', 'decertified'])), name='pharmacy_state_is_known')],
            },
        ),
        migrations.CreateModel(
            name='PharmacyEnrollment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('purpose', models.CharField(choices=[('certification', 'To certify the pharmacy, or to renew it'), ('representation', 'By a new representative; the certification runs on')], default='certification', max_length=14)),
                ('form_version', models.CharField(max_length=40)),
                ('attestations', models.JSONField(help_text='The code of every attestation, all of them signed.')),
                ('signed_at', models.DateTimeField()),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('pharmacy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='providers.pharmacy')),
                ('signed_by', models.ForeignKey(help_text="The representative; empty where a pharmacy's system signed in their name.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pharmacy_forms_signed', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('purpose__in', ['certification', 'representation'])), name='pharmacy_enrollment_purpose_is_known')],
            },
        ),
        migrations.CreateModel(
            name='PharmacyCertification',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('certified_from', models.DateTimeField()),
                ('certified_until', models.DateTimeField()),
                ('last_day_on', models.DateField(help_text='The last day on which it holds, in program time.')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('pharmacy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certifications', to='providers.pharmacy')),
                ('enrollment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='certification', to='providers.pharmacyenrollment')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('certified_until__gt', models.F('certified_from'))), name='pharmacy_certification_has_length'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('pharmacy', '='), (models.Func(models.F('certified_from'), models.F('certified_until'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='pharmacy_certifications_do_not_overlap')],
            },
        ),
        apps.core.triggers.AddTriggers(
            model_name='practice',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='8bbd0a4fa1b92edf8a528cb91d4716971f881f38', operation='DELETE', pgid='pgtrigger_no_delete_ca6ae', table='providers_practice', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='613829f7b65bbd3bfa83c2cdadd046cf43b13e0d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_334a0', table='providers_practice', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.organization_id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='5e86ae69a6b66880b68d3e568f3ca00f5087fa0a', operation='UPDATE', pgid='pgtrigger_row_history_dea97', table='providers_practice', when='AFTER')),
            ],
        ),
        migrations.AddField(
            model_name='prescriber',
            name='practice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prescribers', to='providers.practice'),
        ),
        migrations.AddField(
            model_name='prescriber',
            name='user',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='prescriber', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='delegation',
            name='prescriber',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations', to='providers.prescriber'),
        ),
        migrations.AddField(
            model_name='prescriberenrollment',
            name='operation',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation'),
        ),
        migrations.AddField(
            model_name='prescriberenrollment',
            name='prescriber',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='providers.prescriber'),
        ),
        migrations.AddField(
            model_name='stafftraining',
            name='operation',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation'),
        ),
        migrations.AddField(
            model_name='stafftraining',
            name='pharmacy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='trainings', to='providers.pharmacy'),
        ),
        migrations.AddField(
            model_name='stafftraining',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='trainings', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='succession',
            name='operation',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation'),
        ),
        migrations.AddField(
            model_name='succession',
            name='pharmacy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='successions', to='providers.pharmacy'),
        ),
        migrations.AddField(
            model_name='succession',
            name='successor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='successions', to=settings.AUTH_USER_MODEL),
        ),
        apps.core.triggers.AddTriggers(
            model_name='pharmacy',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='3c58436d9088965d7638fab3b50161b3f027930b', operation='DELETE', pgid='pgtrigger_no_delete_3c16c', table='providers_pharmacy', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='5b4a08fdd579696ed3015f755f139a98aae9efbf', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_1a0bf', table='providers_pharmacy', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_moves', sql=apps.core.triggers.GuardSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{certified:decertified,certified:suspended,decertified:certified,pending:certified,pending:decertified,suspended:certified,suspended:decertified}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='9b110f900111f697a94c88b6418b04fef75da2fd', operation='UPDATE', pgid='pgtrigger_state_moves_308a9', table='providers_pharmacy', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_starts', sql=apps.core.triggers.GuardSql(func="\n                IF NEW.state NOT IN ('pending') THEN\n                    RAISE EXCEPTION 'state: rows of % do not begin as %', TG_TABLE_NAME, NEW.state\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='d23b5e358b04275ffdcaf87b9439840fb34e3b48', operation='INSERT', pgid='pgtrigger_state_starts_47816', table='providers_pharmacy', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='certified_needs_enrollment', sql=apps.core.triggers.GuardSql(condition="WHEN (NEW.state = 'certified' AND OLD.state <> 'certified')", func="\n                IF NOT coalesce(EXISTS (SELECT FROM providers_pharmacyenrollment e WHERE e.pharmacy_id = NEW.id), false) THEN\n                    RAISE EXCEPTION 'certified_needs_enrollment: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='89f5691500222d49920d5861eb5824cc0078b0dd', operation='UPDATE', pgid='pgtrigger_certified_needs_enrollment_8ed19', table='providers_pharmacy', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='e65500307e760dbafacbebbed0ed9808c1e5e18f', operation='UPDATE', pgid='pgtrigger_row_history_b4d13', table='providers_pharmacy', when='AFTER')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='pharmacyenrollment',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='77b533badbf132eda8586b7cae4d6ea9d30e5637', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_8ba89', table='providers_pharmacyenrollment', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='8906f51cc714f2c5f50c496e6b5ecbcd86cef66f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_1a8de', table='providers_pharmacyenrollment', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='pharmacycertification',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='cd11a0e6bba355127b9ceaa6a7e227e88e8265a0', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_7b405', table='providers_pharmacycertification', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='8cc909672335606333f51df5ee60562274bf7688', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_679fa', table='providers_pharmacycertification', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='enrollment_is_its_own', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.enrollment_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM providers_pharmacyenrollment r WHERE r.id = NEW.enrollment_id AND r.pharmacy_id = NEW.pharmacy_id), false) THEN\n                    RAISE EXCEPTION 'enrollment_is_its_own: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='de32105bfb12d79d769f2fd669b6b8d93783b067', operation='INSERT', pgid='pgtrigger_enrollment_is_its_own_f9844', table='providers_pharmacycertification', when='BEFORE')),
            ],
        ),
        migrations.AddConstraint(
            model_name='prescriber',
            constraint=models.CheckConstraint(condition=models.Q(('npi__regex', '^[0-9]{10}$')), name='prescriber_npi'),
        ),
        migrations.AddConstraint(
            model_name='prescriber',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'certified', 'suspended', 'decertified'])), name='prescriber_state_is_known'),
        ),
        apps.core.triggers.AddTriggers(
            model_name='prescriber',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='7bc070b83bda0ecfa03f04ac236309246f945d62', operation='DELETE', pgid='pgtrigger_no_delete_6e5c5', table='providers_prescriber', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='c4ea20989822553e1a76628cead0d8b922082b5e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_37334', table='providers_prescriber', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_moves', sql=apps.core.triggers.GuardSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{certified:decertified,certified:suspended,decertified:certified,pending:certified,pending:decertified,suspended:certified,suspended:decertified}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='f3c2470db3f46cc1e1fde1cbd2200f1063591770', operation='UPDATE', pgid='pgtrigger_state_moves_3432b', table='providers_prescriber', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_starts', sql=apps.core.triggers.GuardSql(func="\n                IF NEW.state NOT IN ('pending') THEN\n                    RAISE EXCEPTION 'state: rows of % do not begin as %', TG_TABLE_NAME, NEW.state\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='aa6ec400ffaa2a66e3b9266c03f573ba5cb071ad', operation='INSERT', pgid='pgtrigger_state_starts_2c1dc', table='providers_prescriber', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='certified_needs_enrollment', sql=apps.core.triggers.GuardSql(condition="WHEN (NEW.state = 'certified' AND OLD.state <> 'certified')", func="\n                IF NOT coalesce(EXISTS (SELECT FROM providers_prescriberenrollment e WHERE e.prescriber_id = NEW.id), false) THEN\n                    RAISE EXCEPTION 'certified_needs_enrollment: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='69f978c2e334a6944f99f6ef111e1bc4bab8e0ef', operation='UPDATE', pgid='pgtrigger_certified_needs_enrollment_de167', table='providers_prescriber', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='f101547147f62efaf488ad951f2b3ea749a02f9b', operation='UPDATE', pgid='pgtrigger_row_history_6e786', table='providers_prescriber', when='AFTER')),
            ],
        ),
        migrations.AddConstraint(
            model_name='delegation',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('prescriber', 'delegate'), name='delegation_named_once'),
        ),
        migrations.AddConstraint(
            model_name='delegation',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('named_at')), _connector='OR'), name='delegation_instants_in_order'),
        ),
        apps.core.triggers.AddTriggers(
            model_name='delegation',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'ended_at\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'ended_at\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'ended_at\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='9894823cbfd92d14b3f3cb66f1f60d44b80fcb49', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_fc136', table='providers_delegation', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='eff05a00afa51865aebce4e2d76701bcceb3acdf', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_f8c13', table='providers_delegation', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='prescriberenrollment',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='5c4b2901c36e826f1976dd0f8d058dedbc3af8bd', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_5621a', table='providers_prescriberenrollment', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='35c3c33bf641016cd537fa918690a3abfd857d52', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_642a8', table='providers_prescriberenrollment', when='BEFORE')),
            ],
        ),
        migrations.AddConstraint(
            model_name='stafftraining',
            constraint=models.UniqueConstraint(fields=('pharmacy', 'user', 'program', 'text_version'), name='training_acknowledged_once'),
        ),
        migrations.AddConstraint(
            model_name='stafftraining',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='training_person_is_named'),
        ),
        migrations.AddConstraint(
            model_name='stafftraining',
            constraint=models.CheckConstraint(condition=models.Q(('acknowledged_at__lte', models.F('recorded_at'))), name='training_acknowledged_before_recorded'),
        ),
        apps.core.triggers.AddTriggers(
            model_name='stafftraining',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='78c308f96ab5130cfe34b9220495f2103671f217', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_6d9da', table='providers_stafftraining', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='77a893b7839e46578613ac1c990dc35795f4c81e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_b55f5', table='providers_stafftraining', when='BEFORE')),
            ],
        ),
        migrations.AddConstraint(
            model_name='succession',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('pharmacy',), name='succession_one_open'),
        ),
        migrations.AddConstraint(
            model_name='succession',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('outcome', '')), models.Q(('ended_at__isnull', False), ('outcome__in', ['taken_over', 'withdrawn', 'superseded'])), _connector='OR'), name='succession_end_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='succession',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('recorded_at')), _connector='OR'), name='succession_instants_in_order'),
        ),
        apps.core.triggers.AddTriggers(
            model_name='succession',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'ended_at\', \'outcome\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'ended_at\', \'outcome\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'ended_at\', \'outcome\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='c9101ca449893f9da3c0d392ea7e62ed90314d9a', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_e681c', table='providers_succession', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='27cbee09c0f30b5b05ad9ee521248e77abf2e91e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_5e24f', table='providers_succession', when='BEFORE')),
            ],
        ),
    ]
