import apps.core.triggers
import django.db.models.deletion
import pgtrigger.compiler
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('oauth2_provider', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiClient',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('prescriber', 'Prescriber'), ('delegate', 'Delegate'), ('pharmacist', 'Pharmacist'), ('technician', 'Technician'), ('representative', 'Representative'), ('patient', 'Patient'), ('staff', 'Staff'), ('administrator', 'Administrator'), ('auditor', 'Auditor')], max_length=20)),
                ('prescriber_id', models.UUIDField(blank=True, help_text='The prescriber that this system acts for, if one.', null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='client', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clients', to='accounts.organization')),
            ],
            options={
                'verbose_name': 'API client',
                'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['prescriber', 'delegate', 'pharmacist', 'technician', 'representative', 'patient', 'staff', 'administrator', 'auditor'])), name='client_role_is_known')],
            },
        ),
        apps.core.triggers.AddTriggers(
            model_name='apiclient',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='1fb623a0aac1c1206e9b807fcdd49b5f8dcf446e', operation='DELETE', pgid='pgtrigger_no_delete_bcfcb', table='accounts_apiclient', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='7106be80bae46a7a99ea90f8eaf46691fd7b756c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_71c65', table='accounts_apiclient', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='1023c708831b31f459103a64fdf78af4092d8de9', operation='UPDATE', pgid='pgtrigger_row_history_0595b', table='accounts_apiclient', when='AFTER')),
            ],
        ),
    ]
