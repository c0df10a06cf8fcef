import apps.core.triggers
import pgtrigger.compiler
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DemoClock',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('ahead', models.DurationField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='demo_clock_is_single')],
            },
        ),
        migrations.CreateModel(
            name='Operation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.UUIDField(null=True)),
                ('role', models.CharField(max_length=20)),
                ('organization_id', models.UUIDField(null=True)),
                ('prescriber_id', models.UUIDField(help_text='On whose behalf, where a prescriber is.', null=True)),
                ('channel', models.CharField(max_length=10)),
                ('started_at', models.DateTimeField(help_text='Real time.')),
                ('performed_at', models.DateTimeField(help_text="The program's time, after the locks.", null=True)),
                ('scope', models.CharField(max_length=160, null=True)),
                ('key', models.CharField(max_length=100, null=True)),
                ('body_digest', models.CharField(max_length=64, null=True)),
                ('result_model', models.CharField(max_length=80, null=True)),
                ('result_id', models.CharField(max_length=64, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('scope', 'key'), name='operation_key_used_once'), models.CheckConstraint(condition=models.Q(('actor_kind', 'system'), ('actor_id__isnull', False), _connector='OR'), name='operation_actor_is_named'), models.CheckConstraint(condition=models.Q(models.Q(('body_digest__isnull', True), ('key__isnull', True), ('scope__isnull', True)), models.Q(('body_digest__isnull', False), ('key__isnull', False), ('scope__isnull', False)), _connector='OR'), name='operation_key_is_whole')],
            },
        ),
        apps.core.triggers.AddTriggers(
            model_name='operation',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'performed_at\', \'result_model\', \'result_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'performed_at\', \'result_model\', \'result_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'performed_at\', \'result_model\', \'result_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='28bcfb5a7bacd0182a8f344c70b363df81649c5c', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_f127b', table='core_operation', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='0408604a05b63478c1d418804021c587b3ade132', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_05cc5', table='core_operation', when='BEFORE')),
            ],
        ),
    ]
