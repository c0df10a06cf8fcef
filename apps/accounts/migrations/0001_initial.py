import apps.core.triggers
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('given_name', models.CharField(max_length=60)),
                ('family_name', models.CharField(max_length=60)),
                ('time_zone', models.CharField(default='America/New_York', max_length=40)),
                ('is_active', models.BooleanField(default=True)),
                ('is_staff', models.BooleanField(default=False, help_text='May open the administration.')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower(models.F('email')))), name='user_email_is_lower_case')],
            },
        ),
        migrations.CreateModel(
            name='Organization',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('practice', 'Practice'), ('pharmacy', 'Pharmacy'), ('program', 'Program office')], max_length=10)),
                ('name', models.CharField(max_length=120)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['practice', 'pharmacy', 'program'])), name='organization_kind_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('prescriber', 'Prescriber'), ('delegate', 'Delegate'), ('pharmacist', 'Pharmacist'), ('technician', 'Technician'), ('representative', 'Representative'), ('patient', 'Patient'), ('staff', 'Staff'), ('administrator', 'Administrator'), ('auditor', 'Auditor')], max_length=20)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='accounts.organization')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('user', 'organization', 'role'), name='membership_held_once'), models.CheckConstraint(condition=models.Q(('role__in', ['prescriber', 'delegate', 'pharmacist', 'technician', 'representative', 'patient', 'staff', 'administrator', 'auditor'])), name='membership_role_is_known')],
            },
        ),
        apps.core.triggers.AddTriggers(
            model_name='organization',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='bc6df832cc60bbbe15ca5aac8a41e30a77d7a28d', operation='DELETE', pgid='pgtrigger_no_delete_a0882', table='accounts_organization', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='9cff77e13ca789c84383767a3f9fe44cbe371cf8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_33bd2', table='accounts_organization', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='33e697236c3bad078cf271be9202423fb508ad0c', operation='UPDATE', pgid='pgtrigger_row_history_371dc', table='accounts_organization', when='AFTER')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='user',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='a1e98d5c33fa580ddba9d988a79947754c528281', operation='DELETE', pgid='pgtrigger_no_delete_c88c6', table='accounts_user', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='5cee6763a3a816da59ad91050b21b7f844cba70a', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_37fec', table='accounts_user', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD."date_joined" IS DISTINCT FROM (NEW."date_joined") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."family_name" IS DISTINCT FROM (NEW."family_name") OR OLD."given_name" IS DISTINCT FROM (NEW."given_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."password" IS DISTINCT FROM (NEW."password") OR OLD."time_zone" IS DISTINCT FROM (NEW."time_zone"))', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY['password']::text[],\n                    to_jsonb(NEW) - ARRAY['password']::text[]);\n                RETURN NULL;\n            ", hash='a6a8ebbbb28d8c952272d9aba32e7c07bf7efb20', operation='UPDATE', pgid='pgtrigger_row_history_355da', table='accounts_user', when='AFTER')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='membership',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='2ac383b5b19aee4f4b0617289b67cb8048adf9f9', operation='DELETE', pgid='pgtrigger_no_delete_829cc', table='accounts_membership', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='4de0bb5bed8352c4c7e28303c1cb4011c0971683', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_a4797', table='accounts_membership', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='d8052e1558c9ab9e0c7b1d98199c664c0704d7e4', operation='UPDATE', pgid='pgtrigger_row_history_2c255', table='accounts_membership', when='AFTER')),
            ],
        ),
    ]
