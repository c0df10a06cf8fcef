import apps.core.triggers
import django.db.models.deletion
import pgtrigger.compiler
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportedRecord',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('source', models.CharField(help_text='The registry that it came from.', max_length=60)),
                ('kind', models.CharField(choices=[('prescriber', 'Prescriber'), ('pharmacy', 'Pharmacy'), ('patient', 'Patient')], max_length=10)),
                ('key', models.CharField(help_text='Its id there.', max_length=80)),
                ('digest', models.CharField(help_text='SHA-256 of all that the files said of it.', max_length=64)),
                ('subject_id', models.UUIDField(help_text='The row that it became.')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'kind', 'key'), name='import_happens_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['prescriber', 'pharmacy', 'patient'])), name='import_kind_is_known'), models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$')), name='import_digest_is_sha256')],
            },
        ),
        apps.core.triggers.AddTriggers(
            model_name='importedrecord',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='1dc8f94949b82d5abb8464b2732d3a2b90514fe9', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_a8ad4', table='importing_importedrecord', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='ddf9db2b392fc59c93594a14d70c2281f4f94f68', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_c0316', table='importing_importedrecord', when='BEFORE')),
            ],
        ),
    ]
