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
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=240)),
                ('purpose', models.CharField(choices=[('event', 'Something has happened'), ('reminder', 'Something falls due')], default='event', help_text='A reminder is sent only while its obligation stands.', max_length=8)),
                ('template', models.CharField(max_length=60)),
                ('patient_id', models.UUIDField(help_text="Whose obligation it tells of, if anyone's.", null=True)),
                ('pharmacy_id', models.UUIDField(help_text="Which pharmacy's own obligation, if one's.", null=True)),
                ('recipient_kind', models.CharField(choices=[('patient', 'Patient'), ('prescriber', 'Prescriber'), ('pharmacy', 'Pharmacy'), ('staff', 'Program staff')], max_length=10)),
                ('recipient_id', models.UUIDField(null=True)),
                ('address', models.CharField(blank=True, help_text='Where it goes; empty for one that waits on the portal.', max_length=254)),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'Text message'), ('portal', 'Portal')], default='email', max_length=10)),
                ('passed_over', models.CharField(blank=True, help_text='The channels that came first and could not be used, each with the reason.', max_length=120)),
                ('language', models.CharField(default='en', max_length=12)),
                ('params', models.JSONField(default=dict, help_text='Ids and instants; never names or results.')),
                ('due_at', models.DateTimeField(help_text="Not sent before; the program's time.")),
                ('state', models.CharField(choices=[('scheduled', 'Scheduled'), ('sent', 'Sent'), ('cancelled', 'Cancelled'), ('undeliverable', 'Undeliverable')], default='scheduled', max_length=15)),
                ('created_at', models.DateTimeField(help_text="The program's time.")),
                ('lease_until', models.DateTimeField(help_text="The database's real time.", null=True)),
                ('lease_token', models.UUIDField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.CharField(blank=True, help_text='The kind of failure.', max_length=60)),
                ('sent_at', models.DateTimeField(help_text="The program's time.", null=True)),
                ('ended_at', models.DateTimeField(help_text="When it was cancelled or given up; the program's time.", null=True)),
                ('ended_reason', models.CharField(blank=True, max_length=60)),
                ('read_at', models.DateTimeField(help_text='When its recipient marked it as read on the portal.', null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'scheduled')), fields=['purpose', 'due_at'], name='notice_scheduled_by_due'), models.Index(fields=['patient_id', 'due_at'], name='notice_of_patient'), models.Index(condition=models.Q(('state', 'undeliverable')), fields=['ended_at'], name='notice_undeliverable'), models.Index(condition=models.Q(('state', 'sent')), fields=['recipient_kind', 'recipient_id', '-sent_at'], name='notice_sent_to')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['scheduled', 'sent'])), fields=('key',), name='notice_planned_once'), models.CheckConstraint(condition=models.Q(('state__in', ['scheduled', 'sent', 'cancelled', 'undeliverable'])), name='notice_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='notice_sent_has_instant'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state__in', ['cancelled', 'undeliverable']), models.Q(('ended_reason', ''), _negated=True)), models.Q(('ended_at__isnull', True), ('ended_reason', ''), ('state__in', ['scheduled', 'sent'])), _connector='OR'), name='notice_end_is_whole'), models.CheckConstraint(condition=models.Q(('purpose__in', ['event', 'reminder'])), name='notice_purpose_is_known'), models.CheckConstraint(condition=models.Q(('purpose', 'event'), models.Q(('patient_id__isnull', False), ('pharmacy_id__isnull', True)), models.Q(('patient_id__isnull', True), ('pharmacy_id__isnull', False)), _connector='OR'), name='notice_reminder_has_owner'), models.CheckConstraint(condition=models.Q(models.Q(('address', ''), _negated=True), ('channel', 'portal'), _connector='OR'), name='notice_has_address'), models.CheckConstraint(condition=models.Q(('channel__in', ['email', 'sms', 'portal'])), name='notice_channel_is_known'), models.CheckConstraint(condition=models.Q(('read_at__isnull', True), ('state', 'sent'), _connector='OR'), name='notice_read_was_sent'), models.CheckConstraint(condition=models.Q(('recipient_kind__in', ['patient', 'prescriber', 'pharmacy', 'staff'])), name='notice_recipient_kind_is_known')],
            },
        ),
        apps.core.triggers.AddTriggers(
            model_name='notice',
            triggers=[
                pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='a6a783873c09542ad1601bc96f49e90211c5abdc', operation='DELETE', pgid='pgtrigger_no_delete_40d86', table='notices_notice', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='2c82a7f10376264e9766d950ace4a19d290fd080', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_9545a', table='notices_notice', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_moves', sql=apps.core.triggers.GuardSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{scheduled:cancelled,scheduled:sent,scheduled:undeliverable}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='b43864da443035a0975fb874113c67cecc73dc37', operation='UPDATE', pgid='pgtrigger_state_moves_8330e', table='notices_notice', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='state_starts', sql=apps.core.triggers.GuardSql(func="\n                IF NEW.state NOT IN ('scheduled') THEN\n                    RAISE EXCEPTION 'state: rows of % do not begin as %', TG_TABLE_NAME, NEW.state\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='14f805a4d1a392b5b9ea7b9d51f506678093eab6', operation='INSERT', pgid='pgtrigger_state_starts_30c58', table='notices_notice', when='BEFORE')),
                pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at") OR OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."ended_reason" IS DISTINCT FROM (NEW."ended_reason") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."last_error" IS DISTINCT FROM (NEW."last_error") OR OLD."params" IS DISTINCT FROM (NEW."params") OR OLD."passed_over" IS DISTINCT FROM (NEW."passed_over") OR OLD."patient_id" IS DISTINCT FROM (NEW."patient_id") OR OLD."pharmacy_id" IS DISTINCT FROM (NEW."pharmacy_id") OR OLD."purpose" IS DISTINCT FROM (NEW."purpose") OR OLD."read_at" IS DISTINCT FROM (NEW."read_at") OR OLD."recipient_id" IS DISTINCT FROM (NEW."recipient_id") OR OLD."recipient_kind" IS DISTINCT FROM (NEW."recipient_kind") OR OLD."sent_at" IS DISTINCT FROM (NEW."sent_at") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."template" IS DISTINCT FROM (NEW."template"))', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='cfc3e1fd1c4041266ee67361ff25b1892ee2476e', operation='UPDATE', pgid='pgtrigger_row_history_ab1b0', table='notices_notice', when='AFTER')),
            ],
        ),
    ]
