import apps.core.triggers
import django.db.models.deletion
import pgtrigger.compiler
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('core', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Settlement',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('kind', models.CharField(help_text='A kind of queue item of the policy.', max_length=40)),
                ('subject_model', models.CharField(max_length=60)),
                ('subject_id', models.CharField(max_length=64)),
                ('note', models.CharField(max_length=1000)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['undeliverable_notice'])), name='settlement_kind_has_no_other_end'), models.CheckConstraint(condition=models.Q(models.Q(('subject_model', ''), _negated=True), models.Q(('subject_id', ''), _negated=True)), name='settlement_has_subject'), models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='settlement_has_note'), models.UniqueConstraint(fields=('kind', 'subject_id'), name='settlement_of_an_item_is_one')],
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('kind', models.CharField(help_text='A kind of queue item of the policy.', max_length=40)),
                ('subject_model', models.CharField(max_length=60)),
                ('subject_id', models.CharField(max_length=64)),
                ('note', models.CharField(blank=True, max_length=400)),
                ('assignee', models.ForeignKey(help_text='Nobody: given back to the queue.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to=settings.AUTH_USER_MODEL)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('intervention', 'pregnancy_case', 'case_follow_up', 'deviation_minor', 'deviation_major', 'deviation_critical', 'category_change', 'intake_check', 'exception_request', 'duplicate', 'undeliverable_address', 'undeliverable_notice', 'prescriber_certification', 'pharmacy_certification', 'certification_lapse', 'stranded_patient', 'evaluation_hold', 'outage_reconciliation'))), name='assignment_kind'), models.CheckConstraint(condition=models.Q(models.Q(('subject_model', ''), _negated=True), models.Q(('subject_id', ''), _negated=True)), name='assignment_has_subject'), models.UniqueConstraint(fields=('kind', 'subject_id', 'recorded_at'), name='assignment_one_at_an_instant')],
            },
        ),
        apps.core.triggers.AddTriggers(
            model_name='assignment',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='c2a912e307f215972fd8d8ac6fbf61b228e2b25a', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_ea596', table='oversight_assignment', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='e829a23eca0e570df6772df979a48055be15469a', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_d75cf', table='oversight_assignment', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='settlement',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='328073f2d1579f50595a1fc0a894c4ca2fa35e90', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_8ae18', table='oversight_settlement', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='3fc23337bb88ad6743b9c047a1e57b2c98e10917', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_cdfc8', table='oversight_settlement', when='BEFORE')),
            ],
        ),
    ]
