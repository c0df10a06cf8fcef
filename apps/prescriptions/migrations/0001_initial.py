import apps.core.triggers
import datetime
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0001_initial'),
        ('patients', '0001_initial'),
        ('providers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Authorization',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('program', models.CharField(max_length=40)),
                ('number', models.CharField(max_length=12, unique=True)),
                ('state', models.CharField(choices=[('issued', 'Issued'), ('confirmed', 'Confirmed'), ('dispensed', 'Dispensed'), ('void', 'Void'), ('expired', 'Expired')], default='issued', max_length=10)),
                ('risk_category', models.CharField(choices=[('adult_frp', 'Adult female of reproductive potential'), ('child_frp', 'Female child of reproductive potential'), ('adult_fnrp', 'Adult female not of reproductive potential'), ('child_fnrp', 'Female child not of reproductive potential'), ('adult_male', 'Adult male'), ('child_male', 'Male child')], max_length=12)),
                ('product', models.CharField(max_length=40)),
                ('strength_mg', models.DecimalField(decimal_places=2, max_digits=6)),
                ('days_supply', models.PositiveSmallIntegerField()),
                ('quantity', models.PositiveSmallIntegerField()),
                ('directions', models.CharField(max_length=400)),
                ('indication', models.CharField(blank=True, help_text='ICD-10-CM', max_length=10)),
                ('issued_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(help_text='When it became void or expired.', null=True)),
                ('ended_reason', models.CharField(blank=True, max_length=400)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='authorizations', to='patients.patient')),
                ('prescriber', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='authorizations', to='providers.prescriber')),
            ],
            options={
                'indexes': [models.Index(fields=['patient', 'issued_at'], name='authorization_of')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['issued', 'confirmed'])), fields=('patient', 'program'), name='authorization_one_open'), models.CheckConstraint(condition=models.Q(('state__in', ['issued', 'confirmed', 'dispensed', 'void', 'expired'])), name='authorization_state_is_known'), models.CheckConstraint(condition=models.Q(('number__regex', '^[0-9A-HJKMNP-TV-Z]{12}$')), name='authorization_number'), models.CheckConstraint(condition=models.Q(('days_supply__gte', 1), ('days_supply__lte', 28)), name='authorization_days_supply'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='authorization_quantity_is_positive'), models.CheckConstraint(condition=models.Q(('strength_mg__gt', 0)), name='authorization_strength_is_positive'), models.CheckConstraint(condition=models.Q(('expires_at__gte', models.F('issued_at'))), name='authorization_expires_after_issue'), models.CheckConstraint(condition=models.Q(('risk_category__in', ['adult_frp', 'child_frp', 'adult_fnrp', 'child_fnrp', 'adult_male', 'child_male'])), name='authorization_category_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('directions', ''), _negated=True), models.Q(('product', ''), _negated=True)), name='authorization_is_complete'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state__in', ['void', 'expired']), ('ended_at__gte', models.F('issued_at')), models.Q(('ended_reason', ''), _negated=True)), models.Q(models.Q(('state__in', ['void', 'expired']), _negated=True), ('ended_at__isnull', True), ('ended_reason', '')), _connector='OR'), name='authorization_end_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('number', models.CharField(max_length=12, unique=True)),
                ('state', models.CharField(choices=[('valid', 'Valid'), ('dispensed', 'Dispensed'), ('reversed', 'Cancelled by the pharmacy'), ('void', 'Void'), ('expired', 'Expired')], default='valid', max_length=10)),
                ('handover', models.CharField(choices=[('ship', 'Ship'), ('pickup', 'Pick-up')], max_length=6)),
                ('days_supply', models.PositiveSmallIntegerField(help_text='What the prescription says.')),
                ('issued_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_reason', models.CharField(blank=True, max_length=400)),
                ('authorization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to='prescriptions.authorization')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('pharmacy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to='providers.pharmacy')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['valid', 'dispensed'])), fields=('authorization',), name='confirmation_one_winner'), models.CheckConstraint(condition=models.Q(('state__in', ['valid', 'dispensed', 'reversed', 'void', 'expired'])), name='confirmation_state_is_known'), models.CheckConstraint(condition=models.Q(('handover__in', ['ship', 'pickup'])), name='confirmation_handover_is_known'), models.CheckConstraint(condition=models.Q(('number__regex', '^[0-9A-HJKMNP-TV-Z]{12}$')), name='confirmation_number'), models.CheckConstraint(condition=models.Q(('expires_at__gte', models.F('issued_at'))), name='confirmation_expires_after_issue'), models.CheckConstraint(condition=models.Q(('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('issued_at'), '+', models.Value(datetime.timedelta(days=1))))), name='confirmation_lasts_a_day'), models.CheckConstraint(condition=models.Q(('days_supply__gte', 1), ('days_supply__lte', 28)), name='confirmation_days_supply'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_reason', ''), ('state__in', ['valid', 'dispensed'])), models.Q(models.Q(('state__in', ['valid', 'dispensed']), _negated=True), ('ended_at__isnull', False), ('ended_at__gte', models.F('issued_at')), models.Q(('ended_reason', ''), _negated=True)), _connector='OR'), name='confirmation_end_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Dispense',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('program', models.CharField(max_length=40)),
                ('dispensed_at', models.DateTimeField()),
                ('risk_category', models.CharField(choices=[('adult_frp', 'Adult female of reproductive potential'), ('child_frp', 'Female child of reproductive potential'), ('adult_fnrp', 'Adult female not of reproductive potential'), ('child_fnrp', 'Female child not of reproductive potential'), ('adult_male', 'Adult male'), ('child_male', 'Male child')], max_length=12)),
                ('authorized', models.BooleanField()),
                ('product', models.CharField(max_length=40)),
                ('strength_mg', models.DecimalField(decimal_places=2, max_digits=6)),
                ('days_supply', models.PositiveSmallIntegerField()),
                ('quantity', models.PositiveSmallIntegerField()),
                ('lot_number', models.CharField(max_length=40)),
                ('ndc', models.CharField(max_length=13, verbose_name='NDC')),
                ('counselor', models.CharField(help_text='The pharmacist who counseled.', max_length=120)),
                ('checklist', models.JSONField(help_text="The code of every item of the category's checklist.")),
                ('medication_guide_given', models.BooleanField()),
                ('handover', models.CharField(choices=[('ship', 'Ship'), ('pickup', 'Pick-up')], max_length=6)),
                ('authorization', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dispenses', to='prescriptions.authorization')),
                ('confirmation', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dispense', to='prescriptions.confirmation')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dispenses', to='patients.patient')),
                ('pharmacy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dispenses', to='providers.pharmacy')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('patient', 'dispensed_at'), name='dispense_one_at_an_instant'), models.CheckConstraint(condition=models.Q(('days_supply__gte', 1)), name='dispense_days_supply_is_positive'), models.CheckConstraint(condition=models.Q(('authorized', False), models.Q(('authorization__isnull', False), ('confirmation__isnull', False), ('days_supply__lte', 28), ('medication_guide_given', True)), _connector='OR'), name='dispense_authorized_has_confirmation'), models.CheckConstraint(condition=models.Q(('authorized', False), models.Q(models.Q(('lot_number', ''), _negated=True), models.Q(('ndc', ''), _negated=True), models.Q(('counselor', ''), _negated=True)), _connector='OR'), name='dispense_authorized_is_complete'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1), ('strength_mg__gt', 0)), name='dispense_amount_is_positive'), models.CheckConstraint(condition=models.Q(('risk_category__in', ['adult_frp', 'child_frp', 'adult_fnrp', 'child_fnrp', 'adult_male', 'child_male'])), name='dispense_category_is_known'), models.CheckConstraint(condition=models.Q(('handover__in', ['ship', 'pickup'])), name='dispense_handover_is_known'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('dispensed_at'))), name='dispense_recorded_after_dispensed')],
            },
        ),
        migrations.CreateModel(
            name='DispenseReturn',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('returned_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=400)),
                ('dispense', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='return_entry', to='prescriptions.dispense')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='return_has_reason'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('returned_at'))), name='return_instants_in_order')],
            },
        ),
        migrations.CreateModel(
            name='SupplyStop',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('stopped_on', models.DateField()),
                ('reason', models.CharField(max_length=400)),
                ('dispense', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='stop_entry', to='prescriptions.dispense')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='supply_stop_has_reason')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorization',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='965b618fcadc0599a7edf7d57042f5c313f8715f', operation='DELETE', pgid='pgtrigger_no_delete_d8702', table='prescriptions_authorization', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorization',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='2073967dee890b031020710538fbc0b178307236', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_17d19', table='prescriptions_authorization', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorization',
            trigger=pgtrigger.compiler.Trigger(name='state_moves', sql=apps.core.triggers.GuardSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{confirmed:dispensed,confirmed:expired,confirmed:issued,confirmed:void,issued:confirmed,issued:expired,issued:void}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='a68f648cd0689b40b76f6eb8eee1bdf29aa027e1', operation='UPDATE', pgid='pgtrigger_state_moves_4148d', table='prescriptions_authorization', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorization',
            trigger=pgtrigger.compiler.Trigger(name='state_starts', sql=apps.core.triggers.GuardSql(func="\n                IF NEW.state NOT IN ('issued') THEN\n                    RAISE EXCEPTION 'state: rows of % do not begin as %', TG_TABLE_NAME, NEW.state\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='8ffe4cad40794111ea268b9f7f7033d4834bdfe1', operation='INSERT', pgid='pgtrigger_state_starts_b0507', table='prescriptions_authorization', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorization',
            trigger=pgtrigger.compiler.Trigger(name='state_fits_confirmations', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.state IS DISTINCT FROM OLD.state)', func="\n                IF NOT coalesce(CASE NEW.state\n                    WHEN 'confirmed' THEN EXISTS (SELECT FROM prescriptions_confirmation c\n                        WHERE c.authorization_id = NEW.id AND c.state = 'valid')\n                    WHEN 'dispensed' THEN EXISTS (SELECT FROM prescriptions_dispense d\n                        WHERE d.authorization_id = NEW.id AND d.authorized)\n                    ELSE NOT EXISTS (SELECT FROM prescriptions_confirmation c\n                        WHERE c.authorization_id = NEW.id AND c.state = 'valid')\n                    END, false) THEN\n                    RAISE EXCEPTION 'state_fits_confirmations: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='5f628a473bbc190a269966188db6f1a30cca3b99', operation='UPDATE', pgid='pgtrigger_state_fits_confirmations_49dd9', table='prescriptions_authorization', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorization',
            trigger=pgtrigger.compiler.Trigger(name='terms_are_fixed', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."operation_id" IS DISTINCT FROM (NEW."operation_id") OR OLD."program" IS DISTINCT FROM (NEW."program") OR OLD."patient_id" IS DISTINCT FROM (NEW."patient_id") OR OLD."prescriber_id" IS DISTINCT FROM (NEW."prescriber_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."risk_category" IS DISTINCT FROM (NEW."risk_category") OR OLD."product" IS DISTINCT FROM (NEW."product") OR OLD."strength_mg" IS DISTINCT FROM (NEW."strength_mg") OR OLD."days_supply" IS DISTINCT FROM (NEW."days_supply") OR OLD."quantity" IS DISTINCT FROM (NEW."quantity") OR OLD."directions" IS DISTINCT FROM (NEW."directions") OR OLD."indication" IS DISTINCT FROM (NEW."indication") OR OLD."issued_at" IS DISTINCT FROM (NEW."issued_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1407a88d94a72a7f5706d10ac8d5a07b34384df0', operation='UPDATE', pgid='pgtrigger_terms_are_fixed_35816', table='prescriptions_authorization', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorization',
            trigger=pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='aaf41e0682f62481b1d1c7a5c15efac387dd3734', operation='UPDATE', pgid='pgtrigger_row_history_98835', table='prescriptions_authorization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='confirmation',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='e3d77ce69f5755447a83399cf3e392007fc65002', operation='DELETE', pgid='pgtrigger_no_delete_4c76d', table='prescriptions_confirmation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='confirmation',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='fa92c075f888418c5d77b47acd1f5e24c8c1ff9f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_7fb7b', table='prescriptions_confirmation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='confirmation',
            trigger=pgtrigger.compiler.Trigger(name='state_moves', sql=apps.core.triggers.GuardSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{valid:dispensed,valid:expired,valid:reversed,valid:void}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='31ab58d304945b0c7e9bdfdcf166a017a43114ca', operation='UPDATE', pgid='pgtrigger_state_moves_2f3a6', table='prescriptions_confirmation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='confirmation',
            trigger=pgtrigger.compiler.Trigger(name='state_starts', sql=apps.core.triggers.GuardSql(func="\n                IF NEW.state NOT IN ('valid') THEN\n                    RAISE EXCEPTION 'state: rows of % do not begin as %', TG_TABLE_NAME, NEW.state\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='66fbd3865924f9d4d55464c9673374c8dbe65c98', operation='INSERT', pgid='pgtrigger_state_starts_d5589', table='prescriptions_confirmation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='confirmation',
            trigger=pgtrigger.compiler.Trigger(name='authorization_admits_it', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(EXISTS (\n                    SELECT FROM prescriptions_authorization a\n                    WHERE a.id = NEW.authorization_id AND a.state = 'issued'\n                        AND NEW.issued_at >= a.issued_at AND NEW.expires_at <= a.expires_at\n                        AND NEW.days_supply <= a.days_supply), false) THEN\n                    RAISE EXCEPTION 'authorization_admits_it: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='f2b4ec3dbd15d06051144358eb7feb246c5a1b98', operation='INSERT', pgid='pgtrigger_authorization_admits_it_e5ee4', table='prescriptions_confirmation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='confirmation',
            trigger=pgtrigger.compiler.Trigger(name='dispensed_needs_dispense', sql=apps.core.triggers.GuardSql(condition="WHEN (NEW.state = 'dispensed' AND OLD.state = 'valid')", func="\n                IF NOT coalesce(EXISTS (\n                    SELECT FROM prescriptions_dispense d WHERE d.confirmation_id = NEW.id), false) THEN\n                    RAISE EXCEPTION 'dispensed_needs_dispense: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='d81c5f7cb0866b0d50f33a534549eebc817a8b0b', operation='UPDATE', pgid='pgtrigger_dispensed_needs_dispense_07841', table='prescriptions_confirmation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='confirmation',
            trigger=pgtrigger.compiler.Trigger(name='terms_are_fixed', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."operation_id" IS DISTINCT FROM (NEW."operation_id") OR OLD."authorization_id" IS DISTINCT FROM (NEW."authorization_id") OR OLD."pharmacy_id" IS DISTINCT FROM (NEW."pharmacy_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."handover" IS DISTINCT FROM (NEW."handover") OR OLD."days_supply" IS DISTINCT FROM (NEW."days_supply") OR OLD."issued_at" IS DISTINCT FROM (NEW."issued_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='60c0c3ad35efc074597f4daa0fd0bafca5fee3c0', operation='UPDATE', pgid='pgtrigger_terms_are_fixed_07620', table='prescriptions_confirmation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='confirmation',
            trigger=pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='0c81dbb08daef252d8bb78d8b346d41a8ad78506', operation='UPDATE', pgid='pgtrigger_row_history_9462b', table='prescriptions_confirmation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dispense',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='c7eab78f9856b72d8e093c60212bcd3abd9c69b7', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_4b6c5', table='prescriptions_dispense', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dispense',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='fe370425302828de93998b4149665bbd97931599', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_7e58a', table='prescriptions_dispense', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dispense',
            trigger=pgtrigger.compiler.Trigger(name='authorization_is_the_patients', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.authorization_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM prescriptions_authorization r WHERE r.id = NEW.authorization_id AND r.patient_id = NEW.patient_id AND r.program = NEW.program), false) THEN\n                    RAISE EXCEPTION 'authorization_is_the_patients: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='1e21aba576a2b949c0e78e8bbe6e6a1d8e6a7db6', operation='INSERT', pgid='pgtrigger_authorization_is_the_patients_40344', table='prescriptions_dispense', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dispense',
            trigger=pgtrigger.compiler.Trigger(name='rests_on_valid_confirmation', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.authorized)', func="\n                IF NOT coalesce(EXISTS (\n                    SELECT FROM prescriptions_confirmation c JOIN prescriptions_authorization a\n                        ON a.id = c.authorization_id\n                    WHERE c.id = NEW.confirmation_id AND a.id = NEW.authorization_id\n                        AND c.pharmacy_id = NEW.pharmacy_id\n                        AND c.state = 'valid' AND a.state = 'confirmed'\n                        AND NEW.dispensed_at BETWEEN c.issued_at AND c.expires_at\n                        AND NEW.risk_category = a.risk_category\n                        AND NEW.product = a.product AND NEW.strength_mg = a.strength_mg\n                        AND NEW.days_supply <= a.days_supply AND NEW.quantity <= a.quantity), false) THEN\n                    RAISE EXCEPTION 'rests_on_valid_confirmation: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='846ccc988ec5870ca961bb4ff901611976a75040', operation='INSERT', pgid='pgtrigger_rests_on_valid_confirmation_5bb74', table='prescriptions_dispense', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dispensereturn',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='37668fbb71ee3b5d7baf2a1ea109f52357b1db1b', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_8c533', table='prescriptions_dispensereturn', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dispensereturn',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='f9ce3b7e9b667eb6418588c7a68e6c3a21734294', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_1dc4e', table='prescriptions_dispensereturn', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dispensereturn',
            trigger=pgtrigger.compiler.Trigger(name='returned_after_dispensed', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(EXISTS (SELECT FROM prescriptions_dispense d\n                    WHERE d.id = NEW.dispense_id AND d.dispensed_at <= NEW.returned_at), false) THEN\n                    RAISE EXCEPTION 'returned_after_dispensed: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='b580375f493a9fd294fb58ad4119a702eefab554', operation='INSERT', pgid='pgtrigger_returned_after_dispensed_6d358', table='prescriptions_dispensereturn', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='supplystop',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='b09147cec2bcf041c28f9615d28e2861d497744c', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_2a008', table='prescriptions_supplystop', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='supplystop',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='fe4820077fcb554d2067d836723b2262281724b9', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_5c180', table='prescriptions_supplystop', when='BEFORE')),
        ),
    ]
