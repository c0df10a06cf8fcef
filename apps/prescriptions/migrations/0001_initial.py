import apps.core.triggers
import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
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
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
                ('program', models.CharField(max_length=40)),
                ('unknown_pharmacy', models.CharField(blank=True, help_text='Name and place of one that is not in the program.', max_length=200)),
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
                ('checklist_version', models.CharField(blank=True, max_length=40)),
                ('medication_guide_version', models.CharField(blank=True, max_length=40)),
                ('text_language', models.CharField(blank=True, max_length=12)),
                ('handover', models.CharField(choices=[('ship', 'Ship'), ('pickup', 'Pick-up')], max_length=6)),
                ('reported_late', models.BooleanField(default=False, help_text='Entered after the fact, with its real time (L-DSP-8).')),
                ('only_day_is_known', models.BooleanField(default=False, help_text='Its time is the least favorable one of its day (L-SRC-2).')),
                ('stated_number', models.CharField(blank=True, help_text='The authorization number on a late record, as read.', max_length=40)),
                ('authorization', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dispenses', to='prescriptions.authorization')),
                ('confirmation', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dispense', to='prescriptions.confirmation')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dispenses', to='patients.patient')),
                ('pharmacy', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dispenses', to='providers.pharmacy')),
                ('withdrawal_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DispenseReturn',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('returned_at', models.DateTimeField()),
                ('never_left_premises', models.BooleanField(help_text='The pharmacy says so, explicitly.')),
                ('reason', models.CharField(max_length=400)),
                ('dispense', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='return_entry', to='prescriptions.dispense')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='return_has_reason'), models.CheckConstraint(condition=models.Q(('never_left_premises', True)), name='return_never_left_premises'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('returned_at'))), name='return_instants_in_order')],
            },
        ),
        migrations.CreateModel(
            name='Outage',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField(null=True)),
                ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('pages', 'The pages for people'), ('api', 'The connection for systems'), ('authorizations', 'Requests for authorizations'), ('confirmations', 'Checks, confirmations and dispenses'), ('evidence', 'Entry of tests, surveys and reports'), ('notices', 'Messages and reminders')], max_length=20), size=None)),
                ('description', models.CharField(help_text='What could not be done, by whom.', max_length=1000)),
                ('ending_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('description', ''), _negated=True), name='outage_is_described'), models.CheckConstraint(condition=models.Q(('parts__len__gte', 1), ('parts__contained_by', ['pages', 'api', 'authorizations', 'confirmations', 'evidence', 'notices'])), name='outage_parts_are_known'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('from_at'))), name='outage_recorded_after_it_began'), models.CheckConstraint(condition=models.Q(models.Q(('ending_operation__isnull', True), ('until_at__isnull', True)), models.Q(('ending_operation__isnull', False), ('until_at__gt', models.F('from_at')), ('until_at__isnull', False)), _connector='OR'), name='outage_end_is_whole')],
            },
        ),
        migrations.AddField(
            model_name='dispense',
            name='outage',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dispenses', to='prescriptions.outage'),
        ),
        migrations.CreateModel(
            name='OutageCheck',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('subject_model', models.CharField(max_length=60)),
                ('subject_id', models.UUIDField()),
                ('entered_by_id', models.UUIDField(help_text='Null: a system entered it.', null=True)),
                ('checked_by_id', models.UUIDField()),
                ('note', models.CharField(max_length=1000)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('outage', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='prescriptions.outage')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('outage', 'subject_model', 'subject_id'), name='outage_entry_checked_once'), models.CheckConstraint(condition=models.Q(('entered_by_id__isnull', True), models.Q(('entered_by_id', models.F('checked_by_id')), _negated=True), _connector='OR'), name='outage_entry_checked_by_another'), models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='outage_check_has_note')],
            },
        ),
        migrations.CreateModel(
            name='Shipment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('carrier', models.CharField(max_length=80)),
                ('tracking_number', models.CharField(max_length=80)),
                ('left_at', models.DateTimeField(help_text='When it left the pharmacy.')),
                ('delivered_at', models.DateTimeField(null=True)),
                ('lost_at', models.DateTimeField(help_text='When it was known that it is lost.', null=True)),
                ('came_back_at', models.DateTimeField(help_text='When the carrier brought it back.', null=True)),
                ('dispense', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='shipment', to='prescriptions.dispense')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('outcome_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('carrier', ''), _negated=True), models.Q(('tracking_number', ''), _negated=True)), name='shipment_can_be_traced'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('left_at'))), name='shipment_recorded_after_it_left'), models.CheckConstraint(condition=models.Q(models.Q(('came_back_at__isnull', True), ('delivered_at__isnull', True), ('lost_at__isnull', True), ('outcome_operation__isnull', True)), models.Q(('came_back_at__isnull', True), ('delivered_at__gte', models.F('left_at')), ('delivered_at__isnull', False), ('lost_at__isnull', True), ('outcome_operation__isnull', False)), models.Q(('came_back_at__isnull', True), ('delivered_at__isnull', True), ('lost_at__gte', models.F('left_at')), ('lost_at__isnull', False), ('outcome_operation__isnull', False)), models.Q(('came_back_at__gte', models.F('left_at')), ('came_back_at__isnull', False), ('delivered_at__isnull', True), ('lost_at__isnull', True), ('outcome_operation__isnull', False)), _connector='OR'), name='shipment_has_one_outcome')],
            },
        ),
        migrations.CreateModel(
            name='SupplyStop',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('kind', models.CharField(choices=[('lost', 'Lost'), ('destroyed', 'Destroyed'), ('handed_back', 'Handed back, and destroyed')], max_length=12)),
                ('stopped_on', models.DateField()),
                ('time_zone', models.CharField(max_length=60)),
                ('reason', models.CharField(max_length=400)),
                ('dispense', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='stop_entry', to='prescriptions.dispense')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='supply_stop_has_reason'), models.CheckConstraint(condition=models.Q(('kind__in', ['lost', 'destroyed', 'handed_back'])), name='supply_stop_kind_is_known')],
            },
        ),
        apps.core.triggers.AddTriggers(
            model_name='authorization',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='965b618fcadc0599a7edf7d57042f5c313f8715f', operation='DELETE', pgid='pgtrigger_no_delete_d8702', table='prescriptions_authorization', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='2073967dee890b031020710538fbc0b178307236', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_17d19', table='prescriptions_authorization', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_moves', sql=apps.core.triggers.GuardSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{confirmed:dispensed,confirmed:expired,confirmed:issued,confirmed:void,expired:dispensed,issued:confirmed,issued:dispensed,issued:expired,issued:void,void:dispensed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='c50fcca2b8b5fedeecf20c2be991f70cd80a35e8', operation='UPDATE', pgid='pgtrigger_state_moves_4148d', table='prescriptions_authorization', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_starts', sql=apps.core.triggers.GuardSql(func="\n                IF NEW.state NOT IN ('issued') THEN\n                    RAISE EXCEPTION 'state: rows of % do not begin as %', TG_TABLE_NAME, NEW.state\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='8ffe4cad40794111ea268b9f7f7033d4834bdfe1', operation='INSERT', pgid='pgtrigger_state_starts_b0507', table='prescriptions_authorization', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='patient_is_not_merged', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(EXISTS (SELECT FROM patients_patient p\n                    WHERE p.id = NEW.patient_id AND p.merged_into_id IS NULL), false) THEN\n                    RAISE EXCEPTION 'patient_is_not_merged: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='894aa0a79f3e220ce20c6402b39a79dcbd043d23', operation='INSERT', pgid='pgtrigger_patient_is_not_merged_d5731', table='prescriptions_authorization', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_fits_confirmations', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.state IS DISTINCT FROM OLD.state)', func="\n                IF NOT coalesce(CASE NEW.state\n                    WHEN 'confirmed' THEN EXISTS (SELECT FROM prescriptions_confirmation c\n                        WHERE c.authorization_id = NEW.id AND c.state = 'valid')\n                    WHEN 'dispensed' THEN EXISTS (SELECT FROM prescriptions_dispense d\n                        WHERE d.authorization_id = NEW.id AND (d.authorized OR d.reported_late))\n                    ELSE NOT EXISTS (SELECT FROM prescriptions_confirmation c\n                        WHERE c.authorization_id = NEW.id AND c.state = 'valid')\n                    END, false) THEN\n                    RAISE EXCEPTION 'state_fits_confirmations: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='ef91918af3ad4c734854fe3c9e5d5747207c9bb7', operation='UPDATE', pgid='pgtrigger_state_fits_confirmations_49dd9', table='prescriptions_authorization', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='terms_are_fixed', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."operation_id" IS DISTINCT FROM (NEW."operation_id") OR OLD."program" IS DISTINCT FROM (NEW."program") OR OLD."patient_id" IS DISTINCT FROM (NEW."patient_id") OR OLD."prescriber_id" IS DISTINCT FROM (NEW."prescriber_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."risk_category" IS DISTINCT FROM (NEW."risk_category") OR OLD."product" IS DISTINCT FROM (NEW."product") OR OLD."strength_mg" IS DISTINCT FROM (NEW."strength_mg") OR OLD."days_supply" IS DISTINCT FROM (NEW."days_supply") OR OLD."quantity" IS DISTINCT FROM (NEW."quantity") OR OLD."directions" IS DISTINCT FROM (NEW."directions") OR OLD."indication" IS DISTINCT FROM (NEW."indication") OR OLD."issued_at" IS DISTINCT FROM (NEW."issued_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1407a88d94a72a7f5706d10ac8d5a07b34384df0', operation='UPDATE', pgid='pgtrigger_terms_are_fixed_35816', table='prescriptions_authorization', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='aaf41e0682f62481b1d1c7a5c15efac387dd3734', operation='UPDATE', pgid='pgtrigger_row_history_98835', table='prescriptions_authorization', when='AFTER')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='confirmation',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='e3d77ce69f5755447a83399cf3e392007fc65002', operation='DELETE', pgid='pgtrigger_no_delete_4c76d', table='prescriptions_confirmation', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='fa92c075f888418c5d77b47acd1f5e24c8c1ff9f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_7fb7b', table='prescriptions_confirmation', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_moves', sql=apps.core.triggers.GuardSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{expired:dispensed,valid:dispensed,valid:expired,valid:reversed,valid:void,void:dispensed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='1165bc74c17edf0a9b994c1b2c921f9596957223', operation='UPDATE', pgid='pgtrigger_state_moves_2f3a6', table='prescriptions_confirmation', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_starts', sql=apps.core.triggers.GuardSql(func="\n                IF NEW.state NOT IN ('valid') THEN\n                    RAISE EXCEPTION 'state: rows of % do not begin as %', TG_TABLE_NAME, NEW.state\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='66fbd3865924f9d4d55464c9673374c8dbe65c98', operation='INSERT', pgid='pgtrigger_state_starts_d5589', table='prescriptions_confirmation', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='authorization_admits_it', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(EXISTS (\n                    SELECT FROM prescriptions_authorization a\n                    WHERE a.id = NEW.authorization_id AND a.state = 'issued'\n                        AND NEW.issued_at >= a.issued_at AND NEW.expires_at <= a.expires_at\n                        AND NEW.days_supply <= a.days_supply), false) THEN\n                    RAISE EXCEPTION 'authorization_admits_it: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='f2b4ec3dbd15d06051144358eb7feb246c5a1b98', operation='INSERT', pgid='pgtrigger_authorization_admits_it_e5ee4', table='prescriptions_confirmation', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='dispensed_needs_dispense', sql=apps.core.triggers.GuardSql(condition="WHEN (NEW.state = 'dispensed' AND OLD.state <> 'dispensed')", func="\n                IF NOT coalesce(EXISTS (\n                    SELECT FROM prescriptions_dispense d WHERE d.confirmation_id = NEW.id), false) THEN\n                    RAISE EXCEPTION 'dispensed_needs_dispense: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='2741d09b8e0dac73f9dd168662afc41a702f019a', operation='UPDATE', pgid='pgtrigger_dispensed_needs_dispense_07841', table='prescriptions_confirmation', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='terms_are_fixed', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."operation_id" IS DISTINCT FROM (NEW."operation_id") OR OLD."authorization_id" IS DISTINCT FROM (NEW."authorization_id") OR OLD."pharmacy_id" IS DISTINCT FROM (NEW."pharmacy_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."handover" IS DISTINCT FROM (NEW."handover") OR OLD."days_supply" IS DISTINCT FROM (NEW."days_supply") OR OLD."issued_at" IS DISTINCT FROM (NEW."issued_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='60c0c3ad35efc074597f4daa0fd0bafca5fee3c0', operation='UPDATE', pgid='pgtrigger_terms_are_fixed_07620', table='prescriptions_confirmation', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='0c81dbb08daef252d8bb78d8b346d41a8ad78506', operation='UPDATE', pgid='pgtrigger_row_history_9462b', table='prescriptions_confirmation', when='AFTER')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='dispensereturn',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='37668fbb71ee3b5d7baf2a1ea109f52357b1db1b', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_8c533', table='prescriptions_dispensereturn', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='f9ce3b7e9b667eb6418588c7a68e6c3a21734294', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_1dc4e', table='prescriptions_dispensereturn', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='returned_after_dispensed', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(EXISTS (SELECT FROM prescriptions_dispense d\n                    WHERE d.id = NEW.dispense_id AND d.dispensed_at <= NEW.returned_at), false) THEN\n                    RAISE EXCEPTION 'returned_after_dispensed: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='b580375f493a9fd294fb58ad4119a702eefab554', operation='INSERT', pgid='pgtrigger_returned_after_dispensed_6d358', table='prescriptions_dispensereturn', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='returned_is_whole', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(NOT EXISTS (SELECT FROM prescriptions_shipment s\n                        WHERE s.dispense_id = NEW.dispense_id)\n                    AND NOT EXISTS (SELECT FROM prescriptions_supplystop s\n                        WHERE s.dispense_id = NEW.dispense_id), false) THEN\n                    RAISE EXCEPTION 'returned_is_whole: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='6bc6260be3f8ee86143d9d3ac11a82415dd12ea8', operation='INSERT', pgid='pgtrigger_returned_is_whole_a7668', table='prescriptions_dispensereturn', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='outage',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'until_at\', \'ending_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'until_at\', \'ending_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'until_at\', \'ending_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='7036dd85e70202a5dabbc7dc3b83cfb6c0b744fa', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_65a8a', table='prescriptions_outage', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='f526b10a9dc4197dc35d6c87f6733a48bc7a4c09', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_060fd', table='prescriptions_outage', when='BEFORE')),
            ],
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_operation__isnull', True), ('withdrawal_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawal_operation__isnull', False), ('withdrawn_at__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='dispense_withdrawal_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='dispense_withdrawn_after_recorded'),
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.UniqueConstraint(fields=('patient', 'dispensed_at'), name='dispense_one_at_an_instant'),
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.CheckConstraint(condition=models.Q(('days_supply__gte', 1)), name='dispense_days_supply_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.CheckConstraint(condition=models.Q(('authorized', False), models.Q(('authorization__isnull', False), ('confirmation__isnull', False), ('days_supply__lte', 28), ('medication_guide_given', True)), _connector='OR'), name='dispense_authorized_has_confirmation'),
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.CheckConstraint(condition=models.Q(('authorized', False), models.Q(models.Q(('lot_number', ''), _negated=True), models.Q(('ndc', ''), _negated=True), models.Q(('counselor', ''), _negated=True)), _connector='OR'), name='dispense_authorized_is_complete'),
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1), ('strength_mg__gt', 0)), name='dispense_amount_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.CheckConstraint(condition=models.Q(('risk_category__in', ['adult_frp', 'child_frp', 'adult_fnrp', 'child_fnrp', 'adult_male', 'child_male'])), name='dispense_category_is_known'),
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.CheckConstraint(condition=models.Q(('handover__in', ['ship', 'pickup'])), name='dispense_handover_is_known'),
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('dispensed_at'))), name='dispense_recorded_after_dispensed'),
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('pharmacy__isnull', False), ('unknown_pharmacy', '')), models.Q(('authorized', False), ('pharmacy__isnull', True), models.Q(('unknown_pharmacy', ''), _negated=True)), _connector='OR'), name='dispense_names_its_pharmacy'),
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.CheckConstraint(condition=models.Q(('reported_late', True), models.Q(('authorized', True), ('only_day_is_known', False), ('outage__isnull', True), ('stated_number', ''), ('withdrawn_at__isnull', True)), _connector='OR'), name='dispense_outside_the_rules_is_reported_late'),
        ),
        migrations.AddConstraint(
            model_name='dispense',
            constraint=models.CheckConstraint(condition=models.Q(('authorized', False), ('only_day_is_known', False), _connector='OR'), name='dispense_authorized_has_its_time'),
        ),
        apps.core.triggers.AddTriggers(
            model_name='dispense',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='8869c099025ec367cef64b12458fe6b8cb234e19', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_4b6c5', table='prescriptions_dispense', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='fe370425302828de93998b4149665bbd97931599', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_7e58a', table='prescriptions_dispense', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='authorization_is_the_patients', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.authorization_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM prescriptions_authorization r WHERE r.id = NEW.authorization_id AND r.patient_id = NEW.patient_id AND r.program = NEW.program), false) THEN\n                    RAISE EXCEPTION 'authorization_is_the_patients: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='1e21aba576a2b949c0e78e8bbe6e6a1d8e6a7db6', operation='INSERT', pgid='pgtrigger_authorization_is_the_patients_40344', table='prescriptions_dispense', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='rests_on_valid_confirmation', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.authorized)', func="\n                IF NOT coalesce(EXISTS (\n                    SELECT FROM prescriptions_confirmation c JOIN prescriptions_authorization a\n                        ON a.id = c.authorization_id\n                    WHERE c.id = NEW.confirmation_id AND a.id = NEW.authorization_id\n                        AND c.pharmacy_id = NEW.pharmacy_id\n                        AND (c.state = 'valid' AND a.state = 'confirmed'\n                            OR NEW.reported_late AND c.state IN ('valid', 'expired', 'void')\n                                AND coalesce(c.ended_at, c.expires_at) >= NEW.dispensed_at\n                                AND NOT EXISTS (SELECT FROM prescriptions_dispense d\n                                    WHERE d.authorization_id = a.id AND d.authorized))\n                        AND NEW.dispensed_at BETWEEN c.issued_at AND c.expires_at\n                        AND NEW.risk_category = a.risk_category\n                        AND NEW.product = a.product AND NEW.strength_mg = a.strength_mg\n                        AND NEW.days_supply <= a.days_supply AND NEW.quantity <= a.quantity), false) THEN\n                    RAISE EXCEPTION 'rests_on_valid_confirmation: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='3667842ff8092a5ea84b5c8451530fc3dfaeed96', operation='INSERT', pgid='pgtrigger_rests_on_valid_confirmation_5bb74', table='prescriptions_dispense', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='outagecheck',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='efa1a2d10fea2cc9f28477f5e762a3d6fff9afad', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_4105f', table='prescriptions_outagecheck', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='c96fbb6198df710521b6d4ba835eccd7408c352a', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_fb87d', table='prescriptions_outagecheck', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='checker_is_who_did_it', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(EXISTS (SELECT FROM core_operation o\n                    WHERE o.id = NEW.operation_id AND o.actor_kind = 'person'\n                        AND o.actor_id = NEW.checked_by_id), false) THEN\n                    RAISE EXCEPTION 'checker_is_who_did_it: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='d87af173a017cfabb83f0a460464e17c79095821', operation='INSERT', pgid='pgtrigger_checker_is_who_did_it_42680', table='prescriptions_outagecheck', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='shipment',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'delivered_at\', \'lost_at\', \'came_back_at\', \'outcome_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'delivered_at\', \'lost_at\', \'came_back_at\', \'outcome_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'delivered_at\', \'lost_at\', \'came_back_at\', \'outcome_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='c1e96e8c331b925087a9da3b23ed89463a41b311', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_87b80', table='prescriptions_shipment', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='eb059dcc223cf7f8e62e2660471cc513a77c3b4b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_01101', table='prescriptions_shipment', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='shipped_was_not_returned', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(NOT EXISTS (SELECT FROM prescriptions_dispensereturn r\n                    WHERE r.dispense_id = NEW.dispense_id), false) THEN\n                    RAISE EXCEPTION 'shipped_was_not_returned: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='c9a3d92191e7b2ae9c29e816f063a880bb155b29', operation='INSERT', pgid='pgtrigger_shipped_was_not_returned_427c5', table='prescriptions_shipment', when='BEFORE')),
            ],
        ),
        apps.core.triggers.AddTriggers(
            model_name='supplystop',
            triggers=[
                pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='b09147cec2bcf041c28f9615d28e2861d497744c', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_2a008', table='prescriptions_supplystop', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='fe4820077fcb554d2067d836723b2262281724b9', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_5c180', table='prescriptions_supplystop', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='stopped_between_dispense_and_record', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(EXISTS (SELECT FROM prescriptions_dispense d\n                    WHERE d.id = NEW.dispense_id\n                        AND NEW.stopped_on >= (d.dispensed_at AT TIME ZONE NEW.time_zone)::date\n                        AND NEW.stopped_on <= (NEW.recorded_at AT TIME ZONE NEW.time_zone)::date)\n                    , false) THEN\n                    RAISE EXCEPTION 'stopped_between_dispense_and_record: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='af7a01d490019d2b26dc1c11f3caf8b71ccdf8c6', operation='INSERT', pgid='pgtrigger_stopped_between_dispense_and_record_34dc1', table='prescriptions_supplystop', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='stopped_was_not_returned', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(NOT EXISTS (SELECT FROM prescriptions_dispensereturn r\n                    WHERE r.dispense_id = NEW.dispense_id), false) THEN\n                    RAISE EXCEPTION 'stopped_was_not_returned: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='6a28488b85b121e9c7f9a35105fd88aee9f26837', operation='INSERT', pgid='pgtrigger_stopped_was_not_returned_4847a', table='prescriptions_supplystop', when='BEFORE')),
            ],
        ),
    ]
