import apps.core.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from django.utils import timezone

from apps.rules.documents import earlier_texts, every_text
from apps.rules.policy import policies


def keep_present_words(registry, _editor):
    """What was signed under release 0.1.0, or is while it goes on serving: its words are kept."""
    kept = registry.get_model('audit', 'TextVersion').objects
    for program in policies().programs:
        for kind, text in (*earlier_texts(program), *every_text(program)):
            kept.create(
                program=program,
                kind=kind,
                version=text.version,
                language=text.language,
                title=text.title,
                items=[
                    {
                        'code': item.code,
                        'text': item.text,
                        'categories': item.categories and sorted(item.categories),
                    }
                    for item in text.items
                ],
                recorded_at=timezone.now(),
            )


class Migration(migrations.Migration):

    safe_because = {
        'RunPython audit.keep_present_words': 'it fills a few rows into a table that it just made',
    }
    dependencies = [
        ('audit', '0011_know_the_meanings'),
    ]

    operations = [
        migrations.CreateModel(
            name='TextVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('program', models.CharField(max_length=40)),
                ('kind', models.CharField(help_text='Such as agreement or patient_survey.', max_length=40)),
                ('version', models.CharField(max_length=40)),
                ('language', models.CharField(max_length=12)),
                ('title', models.CharField(max_length=200)),
                ('items', models.JSONField(help_text='The sentences, in order: code, text, and the risk categories that see it.')),
                ('recorded_at', models.DateTimeField()),
            ],
        ),
        migrations.AddConstraint(
            model_name='textversion',
            constraint=models.UniqueConstraint(fields=('program', 'kind', 'version', 'language'), name='text_version_has_one_text'),
        ),
        migrations.AddConstraint(
            model_name='textversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('version', ''), _negated=True), models.Q(('title', ''), _negated=True)), name='text_version_is_named'),
        ),
        # They come with the table: no row of it has changed.
        migrations.RunPython(keep_present_words, migrations.RunPython.noop, elidable=False),
        pgtrigger.migrations.AddTrigger(
            model_name='textversion',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='78c12ac0ac8b3fe4211dac3e3a615d4eb6b390be', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_23877', table='audit_textversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='textversion',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='6ebe29531a3c15dda1d22658ccd7d4879e5da4bf', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_ebd77', table='audit_textversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='textversion',
            trigger=pgtrigger.compiler.Trigger(name='traced', sql=apps.core.triggers.GuardSql(condition="WHEN (NOT (core_is_told('audit_textversion'::regclass)))", func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, action, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, NEW.id::text, current_user, lower(TG_OP),\n                    CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(OLD) - ARRAY[]::text[] END,\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='55364a52fd89f2fc8a437b5d0bba646fb6bd64b2', operation='INSERT OR UPDATE', pgid='pgtrigger_traced_77d13', table='audit_textversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signature',
            trigger=pgtrigger.compiler.Trigger(name='signed_words_are_kept', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce((NEW.content::jsonb #>> '{text,wording}') IS NULL OR EXISTS (\n                    SELECT FROM audit_textversion t\n                    WHERE t.program = NEW.content::jsonb #>> '{text,program}'\n                        AND t.kind = NEW.content::jsonb #>> '{text,kind}'\n                        AND t.version = NEW.content::jsonb #>> '{text,version}'\n                        AND t.language = NEW.content::jsonb #>> '{text,language}'), false) THEN\n                    RAISE EXCEPTION 'signed_words_are_kept: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='bb8da3a8c39efbc6b3611cb8633522d68e6df16f', operation='INSERT', pgid='pgtrigger_signed_words_are_kept_b0f1a', table='audit_signature', when='BEFORE')),
        ),
    ]
