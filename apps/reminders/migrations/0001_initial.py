import apps.core.triggers
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('patients', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('patient', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='reminder_plan', serialize=False, to='patients.patient')),
                ('planned_for', models.DateTimeField(help_text="The patient's latest recorded instant, then.")),
                ('planned_at', models.DateTimeField()),
                ('replan_at', models.DateTimeField(null=True)),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='plan',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='b8faf5430f0c52ac71cf13c3219f3659bff33f50', operation='DELETE', pgid='pgtrigger_no_delete_ee411', table='reminders_plan', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='plan',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='3badcc647ef116053a0965d810f3155d2bd212de', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_54ffb', table='reminders_plan', when='BEFORE')),
        ),
    ]
