import apps.core.triggers
import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('patients', '0001_initial'),
        ('providers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReminderPreference',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('channels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), blank=True, default=list, help_text="The first that can be used; the policy's follow.", size=None)),
                ('quiet_from', models.TimeField(blank=True, help_text="On the recipient's clock.", null=True)),
                ('quiet_until', models.TimeField(blank=True, null=True)),
                ('language', models.CharField(default='en', max_length=12)),
                ('opted_out', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, help_text='Kinds of reminders that are optional and not wished for.', size=None)),
                ('set_at', models.DateTimeField(help_text="When this was last said; the program's time.")),
                ('patient', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reminder_preference', to='patients.patient')),
                ('pharmacy', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reminder_preference', to='providers.pharmacy')),
                ('prescriber', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reminder_preference', to='providers.prescriber')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('patient_id', models.F('id')), ('pharmacy__isnull', True), ('prescriber__isnull', True), ('patient__isnull', False)), models.Q(('patient__isnull', True), ('pharmacy__isnull', True), ('prescriber_id', models.F('id')), ('prescriber__isnull', False)), models.Q(('patient__isnull', True), ('pharmacy_id', models.F('id')), ('prescriber__isnull', True), ('pharmacy__isnull', False)), _connector='OR'), name='preference_has_one_owner'), models.CheckConstraint(condition=models.Q(models.Q(('quiet_from__isnull', True), ('quiet_until__isnull', True)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False), models.Q(('quiet_from', models.F('quiet_until')), _negated=True)), _connector='OR'), name='preference_quiet_hours_are_whole'), models.CheckConstraint(condition=models.Q(('channels__contained_by', ['email', 'sms', 'portal'])), name='preference_channels_are_known'), models.CheckConstraint(condition=models.Q(('language', ''), _negated=True), name='preference_has_language')],
            },
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('planned_for', models.DateTimeField(help_text="The owner's latest recorded instant, then.")),
                ('planned_at', models.DateTimeField()),
                ('replan_at', models.DateTimeField(null=True)),
                ('patient', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reminder_plan', to='patients.patient')),
                ('pharmacy', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reminder_plan', to='providers.pharmacy')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('patient__isnull', False), ('patient_id', models.F('id')), ('pharmacy__isnull', True)), models.Q(('patient__isnull', True), ('pharmacy__isnull', False), ('pharmacy_id', models.F('id'))), _connector='OR'), name='plan_has_one_owner')],
            },
        ),
        apps.core.triggers.AddTriggers(
            model_name='plan',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='b8faf5430f0c52ac71cf13c3219f3659bff33f50', operation='DELETE', pgid='pgtrigger_no_delete_ee411', table='reminders_plan', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='3badcc647ef116053a0965d810f3155d2bd212de', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_54ffb', table='reminders_plan', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='reminderpreference',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='e56795b7f241198f5cedde4243d426e42704dc6d', operation='DELETE', pgid='pgtrigger_no_delete_49c96', table='reminders_reminderpreference', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='a74fc7ec9ecd125115087242414a6327aa8b2f40', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_221df', table='reminders_reminderpreference', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='73b81aa0c0b887842363eb073cc4aa12028c4d25', operation='UPDATE', pgid='pgtrigger_row_history_3148c', table='reminders_reminderpreference', when='AFTER')),
            ],
        ),
    ]
