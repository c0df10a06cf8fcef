import apps.core.triggers
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='RowChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('changed_at', models.DateTimeField(help_text='Real time.')),
                ('operation_id', models.UUIDField(help_text='Null when no command did it.', null=True)),
                ('table_name', models.CharField(max_length=63)),
                ('row_id', models.CharField(max_length=64)),
                ('database_role', models.CharField(max_length=63)),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
            ],
            options={
                'indexes': [models.Index(fields=['table_name', 'row_id', 'changed_at'], name='change_of_row')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='Past tense, such as authorization_voided.', max_length=60)),
                ('occurred_at', models.DateTimeField(help_text="The program's time.")),
                ('operation_id', models.UUIDField()),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.UUIDField(null=True)),
                ('role', models.CharField(max_length=20)),
                ('organization_id', models.UUIDField(null=True)),
                ('prescriber_id', models.UUIDField(help_text='On whose behalf.', null=True)),
                ('channel', models.CharField(max_length=10)),
                ('patient_id', models.UUIDField(null=True)),
                ('subject_model', models.CharField(blank=True, max_length=60)),
                ('subject_id', models.CharField(blank=True, max_length=64)),
                ('reason', models.TextField(blank=True)),
                ('data', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['patient_id', 'occurred_at'], name='event_of_patient'), models.Index(fields=['code', 'occurred_at'], name='event_of_code'), models.Index(fields=['organization_id', 'code', 'occurred_at'], name='event_of_org')],
            },
        ),
        apps.core.triggers.AddTriggers(
            model_name='event',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='85292215e5818a627cc84237bc9c2cbef17efe50', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_5db70', table='audit_event', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='4be9822b8add2d82350a39d24b42bc22fa3360e3', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_06d01', table='audit_event', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='rowchange',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='be48ff33073eda58b7b217a346e627da6322072e', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_b2690', table='audit_rowchange', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='de2196f35d681871a109f02613349eccb2e84d90', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_26b23', table='audit_rowchange', when='BEFORE')),
            ],
        ),
    ]
