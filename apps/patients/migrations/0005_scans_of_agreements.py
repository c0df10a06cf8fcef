"""Scans of the papers on which the patient's side signs at a practice (L-SRC-1)."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
from django.db import migrations, models

import apps.core.triggers


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0004_sweep_runs"),
        ("audit", "0011_know_the_meanings"),
        ("patients", "0004_correct_identities"),
    ]

    operations = [
        migrations.CreateModel(
            name="AgreementScan",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("recorded_at", models.DateTimeField(help_text="When it was entered; the program's time.")),
                ("content", models.BinaryField()),
                ("content_type", models.CharField(choices=[("application/pdf", "PDF"), ("image/png", "PNG"), ("image/jpeg", "JPEG")], max_length=15)),
                ("size", models.PositiveIntegerField(help_text="In bytes.")),
                ("digest", models.CharField(help_text="SHA-256 of the content, hexadecimal.", max_length=64)),
                ("agreement", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="scan", to="patients.agreement")),
                ("operation", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.operation")),
            ],
            options={
                "abstract": False,
                "constraints": [models.CheckConstraint(condition=models.Q(('content_type__in', ['application/pdf', 'image/png', 'image/jpeg'])), name='agreement_scan_type_is_allowed'),
models.CheckConstraint(condition=models.Q(('size', models.Func(models.F('content'), function='octet_length', output_field=models.IntegerField()))), name='agreement_scan_size_is_true'),
models.CheckConstraint(condition=models.Q(('size__gt', 0), ('size__lte', 5242880)), name='agreement_scan_size_is_limited'),
models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$')), name='agreement_scan_digest_is_sha256'),],
            },
        ),
        apps.core.triggers.AddTriggers("agreementscan", [
            pgtrigger.compiler.Trigger(name='paper_is_signed', sql=apps.core.triggers.GuardSql(constraint='CONSTRAINT', func="\n            IF NOT coalesce((SELECT EXISTS (SELECT FROM patients_agreement a\n                    WHERE a.id = made.agreement_id AND a.patient_signed_at IS NOT NULL) FROM patients_agreementscan made\n                    WHERE made.id = NEW.id), false) THEN\n                RAISE EXCEPTION 'paper_is_signed: refused for a row of %', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN NULL;\n        ", hash='d90391b9a0a0e4321db84bbe62ff0f86bd853a85', operation='INSERT', pgid='pgtrigger_paper_is_signed_d3d2b', table='patients_agreementscan', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
            pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='e9ae661446ac7a12c9adf2026619ddcf582d9fba', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_b882c', table='patients_agreementscan', when='BEFORE')),
pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='db194c3969352fa92946d177d079622d7d12d77f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_112d7', table='patients_agreementscan', when='BEFORE')),
pgtrigger.compiler.Trigger(name='traced', sql=apps.core.triggers.GuardSql(condition="WHEN (NOT (core_is_told('patients_agreementscan'::regclass)))", func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, action, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, NEW.id::text, current_user, lower(TG_OP),\n                    CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(OLD) - ARRAY['content']::text[] END,\n                    to_jsonb(NEW) - ARRAY['content']::text[]);\n                RETURN NULL;\n            ", hash='b16ff5ced0c710113b652d238c9328cb93991762', operation='INSERT OR UPDATE', pgid='pgtrigger_traced_057a3', table='patients_agreementscan', when='AFTER'))]),
        apps.core.triggers.AddTriggers("agreement", [pgtrigger.compiler.Trigger(name='paper_has_scan', sql=apps.core.triggers.GuardSql(constraint='CONSTRAINT', func="\n            IF NOT coalesce((SELECT made.patient_signed_at IS NULL\n                    OR EXISTS (SELECT FROM patients_agreementscan s WHERE s.agreement_id = made.id)\n                    OR NOT EXISTS (SELECT FROM audit_signature g\n                        WHERE g.subject_model = 'patients.agreement'\n                            AND g.subject_id = made.id::text\n                            AND g.meaning <> 'agreement_as_prescriber'\n                            AND g.method = 'paper' AND g.channel = 'portal') FROM patients_agreement made\n                    WHERE made.id = NEW.id), false) THEN\n                RAISE EXCEPTION 'paper_has_scan: refused for a row of %', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN NULL;\n        ", hash='c24c1d84770174a90daac34af14ca9175b150164', operation='INSERT OR UPDATE', pgid='pgtrigger_paper_has_scan_9f1f4', table='patients_agreement', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER'))]),
    ]
