import apps.core.triggers
import django.db.models.deletion
import django.db.models.fields.json
import django.db.models.functions.comparison
import django.db.models.lookups
import pgtrigger.compiler
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0001_initial'),
        ('patients', '0001_initial'),
        ('prescriptions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text='SHA-256 of the file.', max_length=64)),
                ('program', models.CharField(max_length=40)),
                ('version', models.CharField(max_length=60)),
                ('effective_from', models.DateField()),
                ('effective_to', models.DateField(null=True)),
                ('approved_by', models.CharField(max_length=200)),
                ('approved_on', models.DateField()),
                ('came_into_force_at', models.DateTimeField(help_text='Its first instant by the file, or when it was recorded, if that was later.')),
                ('recorded_at', models.DateTimeField()),
                ('replaced_at', models.DateTimeField(help_text='When another text took its version.', null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$')), name='edition_digest_is_sha256'), models.CheckConstraint(condition=models.Q(('approved_by', ''), _negated=True), name='edition_names_who_approved_it'), models.CheckConstraint(condition=models.Q(('came_into_force_at__gte', models.F('recorded_at'))), name='edition_is_recorded_before_it_decides'), models.CheckConstraint(condition=models.Q(('replaced_at__isnull', True), ('replaced_at__gte', models.F('recorded_at')), _connector='OR'), name='edition_is_replaced_after_recorded'), models.UniqueConstraint(condition=models.Q(('replaced_at__isnull', True)), fields=('version',), name='edition_has_one_text')],
            },
        ),
        migrations.CreateModel(
            name='FactsDocument',
            fields=[
                ('digest', models.CharField(help_text='SHA-256, canonical JSON.', max_length=64, primary_key=True, serialize=False)),
                ('document', models.JSONField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$')), name='facts_digest_is_sha256')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('program', models.CharField(max_length=40)),
                ('act', models.CharField(choices=[('authorize', 'Request for an authorization'), ('verify', 'Eligibility check'), ('confirm', 'Confirmation'), ('dispense', 'Dispense')], max_length=10)),
                ('document', models.JSONField(help_text='The decision, as the contract writes it.')),
                ('allowed', models.BooleanField()),
                ('policy_version', models.CharField(max_length=60)),
                ('policy_digest', models.CharField(max_length=64)),
                ('engine_version', models.CharField(max_length=20)),
                ('authorization', models.ForeignKey(help_text='The one issued, or the one asked about.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='prescriptions.authorization')),
                ('confirmation', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='prescriptions.confirmation')),
                ('dispense', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='prescriptions.dispense')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='patients.patient')),
                ('facts', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='eligibility.factsdocument')),
            ],
            options={
                'indexes': [models.Index(fields=['patient', 'recorded_at'], name='decision_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(('act__in', ['authorize', 'verify', 'confirm', 'dispense'])), name='decision_act_is_known'), models.CheckConstraint(condition=models.Q(('allowed', True), models.Q(('act', 'authorize'), ('authorization__isnull', True)), models.Q(('act', 'authorize'), _negated=True), _connector='OR'), name='decision_refused_issues_nothing'), models.CheckConstraint(condition=models.Q(('dispense__isnull', True), models.Q(('act', 'dispense'), ('allowed', True)), _connector='OR'), name='decision_refused_dispenses_nothing'), models.CheckConstraint(condition=models.Q(('act', 'authorize'), ('authorization__isnull', False), _connector='OR'), name='decision_names_its_authorization'), models.CheckConstraint(condition=models.Q(('allowed', False), models.Q(('act', 'authorize'), ('authorization__isnull', False)), ('act', 'verify'), models.Q(('act', 'confirm'), ('confirmation__isnull', False)), models.Q(('act', 'dispense'), ('dispense__isnull', False)), _connector='OR'), name='decision_allowed_names_its_result'), models.CheckConstraint(condition=models.Q(('confirmation__isnull', True), models.Q(('act', 'confirm'), ('allowed', True)), ('act', 'dispense'), _connector='OR'), name='decision_refused_confirms_nothing'), models.CheckConstraint(condition=django.db.models.lookups.Exact(django.db.models.functions.comparison.Coalesce(django.db.models.functions.comparison.Cast(django.db.models.fields.json.KeyTextTransform('allowed', 'document'), models.BooleanField()), models.Value(False)), models.F('allowed')), name='decision_document_agrees')],
            },
        ),
        apps.core.triggers.AddTriggers(
            model_name='factsdocument',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='73a9336a28e745eb9e6c69dbb75b0f21ff77d4fb', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_3bdee', table='eligibility_factsdocument', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='b8bb01616017695f94ec0352a64f6ba6ad584e50', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_c1cbe', table='eligibility_factsdocument', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='policyedition',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'replaced_at\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'replaced_at\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'replaced_at\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='b91a2222b3966c4bffce19c08e859c39ba49d7a1', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_da997', table='eligibility_policyedition', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='d6155766e4eb1f6524c508c31ff91a9c829b5b53', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_05a8e', table='eligibility_policyedition', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='decision',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='e95996732f17b085594c109a69f36714981ea3ab', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_75826', table='eligibility_decision', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='d285584305bcce93cbc34b598d0b9ab3b580dfad', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_06686', table='eligibility_decision', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='edition_is_recorded', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(EXISTS (SELECT FROM eligibility_policyedition e WHERE e.digest = NEW.policy_digest AND e.version = NEW.policy_version AND e.program = NEW.program AND e.replaced_at IS NULL), false) THEN\n                    RAISE EXCEPTION 'edition_is_recorded: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='b3e95127a179083ada5e96219a84f2a4c4f6ea3d', operation='INSERT', pgid='pgtrigger_edition_is_recorded_7c975', table='eligibility_decision', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='authorization_is_the_patients', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.authorization_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM prescriptions_authorization r WHERE r.id = NEW.authorization_id AND r.patient_id = NEW.patient_id AND r.program = NEW.program), false) THEN\n                    RAISE EXCEPTION 'authorization_is_the_patients: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='b1b749140801799db79acbd29bbd4933bf2e591c', operation='INSERT', pgid='pgtrigger_authorization_is_the_patients_0fe30', table='eligibility_decision', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='confirmation_is_of_it', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.confirmation_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM prescriptions_confirmation r WHERE r.id = NEW.confirmation_id AND r.authorization_id = NEW.authorization_id), false) THEN\n                    RAISE EXCEPTION 'confirmation_is_of_it: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='0ca4cd0494618fee2a1d83153d896940b57352fd', operation='INSERT', pgid='pgtrigger_confirmation_is_of_it_d1402', table='eligibility_decision', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='dispense_is_of_it', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.dispense_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM prescriptions_dispense r WHERE r.id = NEW.dispense_id AND r.authorization_id = NEW.authorization_id AND r.confirmation_id = NEW.confirmation_id AND r.patient_id = NEW.patient_id), false) THEN\n                    RAISE EXCEPTION 'dispense_is_of_it: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='72c4b71f467392f5334546761651538c422c1bb8', operation='INSERT', pgid='pgtrigger_dispense_is_of_it_5a680', table='eligibility_decision', when='BEFORE')),
            ],
        ),
    ]
