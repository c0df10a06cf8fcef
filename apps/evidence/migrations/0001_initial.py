import apps.core.triggers
import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('core', '0001_initial'),
        ('patients', '0001_initial'),
        ('prescriptions', '0001_initial'),
        ('providers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Deviation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField()),
                ('rule', models.CharField(max_length=12)),
                ('kind', models.CharField(max_length=60)),
                ('occurrence', models.CharField(help_text='What it is about: recorded once.', max_length=120)),
                ('occurred_at', models.DateTimeField()),
                ('severity', models.CharField(choices=[('minor', 'Minor'), ('major', 'Major'), ('critical', 'Critical')], max_length=8)),
                ('state', models.CharField(choices=[('open', 'Open'), ('under_review', 'Under review'), ('corrected', 'Corrected'), ('accepted', 'Accepted')], default='open', max_length=12)),
                ('corrective_action', models.CharField(blank=True, max_length=1000)),
                ('operation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('organization', models.ForeignKey(help_text='The practice or pharmacy that broke the rule, if one did.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deviations', to='accounts.organization')),
                ('patient', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deviations', to='patients.patient')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('patient', 'kind', 'occurrence'), name='deviation_recorded_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'under_review', 'corrected', 'accepted'])), name='deviation_state_is_known'), models.CheckConstraint(condition=models.Q(('severity__in', ['minor', 'major', 'critical'])), name='deviation_severity_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['corrected', 'accepted']), _negated=True), models.Q(('corrective_action', ''), _negated=True), _connector='OR'), name='deviation_end_has_action')],
            },
        ),
        migrations.CreateModel(
            name='ExceptionRequest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('program', models.CharField(max_length=40)),
                ('rule', models.CharField(max_length=12)),
                ('reason', models.CharField(max_length=1000)),
                ('asked_by', models.CharField(blank=True, max_length=200)),
                ('expires_at', models.DateTimeField(help_text='When the exception ends, if it is granted.')),
                ('requested_by_id', models.UUIDField()),
                ('state', models.CharField(choices=[('requested', 'Waits for a second person'), ('granted', 'Granted'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], default='requested', max_length=10)),
                ('decided_by_id', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision_reason', models.CharField(blank=True, max_length=1000)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'requested')), fields=('patient', 'program', 'rule'), name='exception_request_one_waiting'), models.CheckConstraint(condition=models.Q(('state__in', ['requested', 'granted', 'refused', 'withdrawn'])), name='exception_request_state_is_known'), models.CheckConstraint(condition=models.Q(('rule__in', ['L-DSP-5', 'L-ENR-4', 'L-SUR-2'])), name='exception_request_rule_may_be_overridden'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('recorded_at'))), name='exception_request_has_end'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='exception_request_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by_id__isnull', True), ('decision_reason', ''), ('state', 'requested')), models.Q(models.Q(('state', 'requested'), _negated=True), models.Q(('decision_reason', ''), _negated=True), ('decided_at__gte', models.F('recorded_at')), ('decided_at__isnull', False), ('decided_by_id__isnull', False)), _connector='OR'), name='exception_request_decision_is_whole'), models.CheckConstraint(condition=models.Q(('state__in', ['requested', 'withdrawn']), models.Q(('decided_by_id', models.F('requested_by_id')), _negated=True), _connector='OR'), name='exception_request_decided_by_another')],
            },
        ),
        migrations.CreateModel(
            name='HealthStatus',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('cycle', models.CharField(blank=True, choices=[('regular', 'Regular'), ('irregular', 'Irregular'), ('none', 'None')], max_length=9)),
                ('breastfeeding', models.BooleanField()),
                ('advisory_flags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('withdrawal_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'verbose_name_plural': 'health statuses',
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_operation__isnull', True), ('withdrawal_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawal_operation__isnull', False), ('withdrawn_at__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='healthstatus_withdrawal_is_whole'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='healthstatus_withdrawn_after_recorded'), models.CheckConstraint(condition=models.Q(('cycle__in', ['', 'regular', 'irregular', 'none'])), name='health_cycle_is_known'), models.UniqueConstraint(fields=('patient', 'recorded_at'), name='health_one_at_an_instant')],
            },
        ),
        migrations.CreateModel(
            name='IntakeScan',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('content', models.BinaryField()),
                ('content_type', models.CharField(choices=[('application/pdf', 'PDF'), ('image/png', 'PNG'), ('image/jpeg', 'JPEG')], max_length=15)),
                ('size', models.PositiveIntegerField(help_text='In bytes.')),
                ('digest', models.CharField(help_text='SHA-256 of the content, hexadecimal.', max_length=64)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('content_type__in', ['application/pdf', 'image/png', 'image/jpeg'])), name='scan_type_is_allowed'), models.CheckConstraint(condition=models.Q(('size', models.Func(models.F('content'), function='octet_length', output_field=models.IntegerField()))), name='scan_size_is_true'), models.CheckConstraint(condition=models.Q(('size__gt', 0), ('size__lte', 5242880)), name='scan_size_is_limited'), models.CheckConstraint(condition=models.Q(('digest__regex', '^[0-9a-f]{64}$')), name='scan_digest_is_sha256')],
            },
        ),
        migrations.CreateModel(
            name='Intake',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('channel', models.CharField(choices=[('phone', 'Phone'), ('fax', 'Fax'), ('paper', 'Paper')], max_length=10)),
                ('kind', models.CharField(choices=[('pregnancy_test', 'Pregnancy test'), ('contraception', 'Contraception'), ('obligations', 'Obligations'), ('counseling', 'Counseling'), ('health_status', 'Health status'), ('patient_survey', 'Patient survey'), ('bleeding_report', 'Missed period or bleeding'), ('pregnancy_report', 'Suspected pregnancy'), ('agreement_signature', 'Signature of an agreement'), ('agreement_renewal', 'New agreement for the present category')], max_length=20)),
                ('content', models.JSONField(help_text='What it says, with the times at which it happened.')),
                ('risk_category', models.CharField(choices=[('adult_frp', 'Adult female of reproductive potential'), ('child_frp', 'Female child of reproductive potential'), ('adult_fnrp', 'Adult female not of reproductive potential'), ('child_fnrp', 'Female child not of reproductive potential'), ('adult_male', 'Adult male'), ('child_male', 'Male child')], help_text="The patient's when it was entered.", max_length=12)),
                ('told_by', models.CharField(choices=[('prescriber', 'Prescriber or delegate'), ('patient', 'Patient, guardian or representative')], max_length=10)),
                ('told_by_name', models.CharField(max_length=120)),
                ('verification', models.CharField(blank=True, choices=[('called_back', 'Called back on the number on record'), ('identifiers', 'Answered identifying questions'), ('known_sender', 'Came from the number or address on record'), ('signature', 'Bears the signature on record')], max_length=12)),
                ('verification_note', models.CharField(blank=True, max_length=400)),
                ('entered_by_id', models.UUIDField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting for a second person'), ('effective', 'In effect at once'), ('accepted', 'Accepted'), ('refused', 'Refused')], max_length=10)),
                ('checked_at', models.DateTimeField(null=True)),
                ('checked_by_id', models.UUIDField(null=True)),
                ('refusal_reason', models.CharField(blank=True, max_length=400)),
                ('entry_model', models.CharField(blank=True, max_length=60)),
                ('entry_id', models.UUIDField(help_text='The record that it became.', null=True)),
                ('check_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='intakes', to='patients.patient')),
                ('prescriber', models.ForeignKey(help_text='On whose behalf, or who verified it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='providers.prescriber')),
                ('scan', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='intake', to='evidence.intakescan')),
            ],
            options={
                'indexes': [models.Index(fields=['patient', 'recorded_at'], name='intake_of'), models.Index(condition=models.Q(('state', 'waiting')), fields=['recorded_at'], name='intake_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('channel__in', ['phone', 'fax', 'paper'])), name='intake_channel_is_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['pregnancy_test', 'contraception', 'obligations', 'counseling', 'health_status', 'patient_survey', 'bleeding_report', 'pregnancy_report', 'agreement_signature', 'agreement_renewal'])), name='intake_kind_is_known'), models.CheckConstraint(condition=models.Q(('told_by__in', ['prescriber', 'patient']), models.Q(('told_by_name', ''), _negated=True)), name='intake_says_who_told'), models.CheckConstraint(condition=models.Q(models.Q(('told_by', 'prescriber'), _negated=True), ('prescriber__isnull', False), _connector='OR'), name='intake_names_the_prescriber'), models.CheckConstraint(condition=models.Q(('verification__in', ['', 'called_back', 'identifiers', 'known_sender', 'signature'])), name='intake_verification_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('channel', 'phone'), _negated=True), models.Q(('verification', ''), _negated=True), _connector='OR'), name='intake_caller_is_verified'), models.CheckConstraint(condition=models.Q(('channel', 'phone'), ('scan__isnull', False), _connector='OR'), name='intake_has_scan'), models.CheckConstraint(condition=models.Q(('checked_by_id__isnull', True), models.Q(('checked_by_id', models.F('entered_by_id')), _negated=True), _connector='OR'), name='intake_checked_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('check_operation__isnull', True), ('checked_at__isnull', True), ('checked_by_id__isnull', True), ('refusal_reason', ''), ('state__in', ['waiting', 'effective'])), models.Q(('check_operation__isnull', False), ('checked_at__isnull', False), ('checked_by_id__isnull', False), ('checked_at__gte', models.F('recorded_at')), models.Q(models.Q(('refusal_reason', ''), ('state', 'accepted')), models.Q(('state', 'refused'), models.Q(('refusal_reason', ''), _negated=True)), _connector='OR')), _connector='OR'), name='intake_check_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('entry_id__isnull', True), ('entry_model', ''), ('state__in', ['waiting', 'refused'])), models.Q(('entry_id__isnull', False), ('state__in', ['effective', 'accepted']), models.Q(('entry_model', ''), _negated=True)), _connector='OR'), name='intake_entry_is_named')],
            },
        ),
        migrations.CreateModel(
            name='ObligationsAttestation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('attested_at', models.DateTimeField()),
                ('condom', models.BooleanField()),
                ('abstinence', models.BooleanField()),
                ('no_sperm_donation', models.BooleanField()),
                ('no_blood_donation', models.BooleanField()),
                ('no_sharing', models.BooleanField()),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('withdrawal_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_operation__isnull', True), ('withdrawal_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawal_operation__isnull', False), ('withdrawn_at__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='obligationsattestation_withdrawal_is_whole'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='obligationsattestation_withdrawn_after_recorded'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('attested_at'))), name='obligations_instants_in_order')],
            },
        ),
        migrations.CreateModel(
            name='PatientSurvey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('program', models.CharField(max_length=40)),
                ('completed_at', models.DateTimeField()),
                ('text_version', models.CharField(max_length=40)),
                ('text_language', models.CharField(max_length=12)),
                ('guidance_version', models.CharField(blank=True, help_text='Of what a risky answer made the patient read at once.', max_length=40)),
                ('answers', models.JSONField(help_text='Question code to answer.')),
                ('at_risk', models.BooleanField(help_text='An answer opened an intervention (L-SUR-3).')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('withdrawal_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_operation__isnull', True), ('withdrawal_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawal_operation__isnull', False), ('withdrawn_at__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='patientsurvey_withdrawal_is_whole'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='patientsurvey_withdrawn_after_recorded'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('completed_at'))), name='patient_survey_instants_in_order')],
            },
        ),
        migrations.CreateModel(
            name='Intervention',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('opened_at', models.DateTimeField()),
                ('cause', models.CharField(help_text='A code, such as at_risk_answer or mismatch.', max_length=60)),
                ('questions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, help_text="The survey's questions concerned.", size=None)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('conclusion', models.CharField(blank=True, choices=[('counseled', 'Counseled; the obligations are understood and kept'), ('no_risk', 'No risk was found'), ('answered_wrongly', 'The answer was a mistake'), ('therapy_stopped', 'Therapy is stopped'), ('case_opened', 'Followed up as a pregnancy case'), ('category_reviewed', 'The risk category was reviewed'), ('other', 'Other, as written')], max_length=20)),
                ('contacted', models.CharField(blank=True, help_text='Who was contacted, how.', max_length=200)),
                ('outcome', models.CharField(blank=True, max_length=1000)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('resolving_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('survey', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='interventions', to='evidence.patientsurvey')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('conclusion', ''), ('contacted', ''), ('outcome', ''), ('resolved_at__isnull', True), ('resolving_operation__isnull', True)), models.Q(('resolved_at__isnull', False), ('resolving_operation__isnull', False), ('resolved_at__gte', models.F('opened_at')), models.Q(('conclusion', ''), _negated=True), models.Q(('contacted', ''), _negated=True), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='intervention_resolution_is_whole'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('opened_at'))), name='intervention_instants_in_order'), models.CheckConstraint(condition=models.Q(('conclusion__in', ['', 'counseled', 'no_risk', 'answered_wrongly', 'therapy_stopped', 'case_opened', 'category_reviewed', 'other'])), name='intervention_conclusion_is_known')],
            },
        ),
        migrations.CreateModel(
            name='ContraceptionAttestation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('attested_at', models.DateTimeField()),
                ('abstinence', models.BooleanField(help_text='No sex with a male partner.')),
                ('methods', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), default=list, size=None)),
                ('in_use_since', models.DateField(null=True)),
                ('lapse', models.BooleanField()),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('withdrawal_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('survey', models.ForeignKey(help_text='Whose answers told of the lapse, if a survey did.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lapses', to='evidence.patientsurvey')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['patient', 'attested_at'], name='contraception_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_operation__isnull', True), ('withdrawal_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawal_operation__isnull', False), ('withdrawn_at__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='contraceptionattestation_withdrawal_is_whole'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='contraceptionattestation_withdrawn_after_recorded'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('attested_at'))), name='contraception_instants_in_order')],
            },
        ),
        migrations.CreateModel(
            name='BleedingReport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('reported_at', models.DateTimeField()),
                ('kind', models.CharField(choices=[('missed_period', 'Missed period'), ('abnormal_bleeding', 'Abnormal menstrual or vaginal bleeding')], max_length=17)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('withdrawal_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('survey', models.ForeignKey(help_text='Whose answers told of it, if a survey did.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bleeding_reports', to='evidence.patientsurvey')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_operation__isnull', True), ('withdrawal_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawal_operation__isnull', False), ('withdrawn_at__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='bleedingreport_withdrawal_is_whole'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='bleedingreport_withdrawn_after_recorded'), models.CheckConstraint(condition=models.Q(('kind__in', ['missed_period', 'abnormal_bleeding'])), name='bleeding_kind_is_known'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('reported_at'))), name='bleeding_instants_in_order')],
            },
        ),
        migrations.CreateModel(
            name='PregnancyCase',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('subject', models.CharField(choices=[('patient', 'Patient'), ('partner', "Patient's partner")], max_length=7)),
                ('reported_at', models.DateTimeField()),
                ('source', models.CharField(help_text='Who or what reported it.', max_length=200)),
                ('closed_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('not_pregnant', 'Not pregnant (adjudicated false positive)'), ('pregnancy_ended', 'Pregnancy ended'), ('lost_to_follow_up', 'Lost to follow-up'), ('unknown', 'Unknown')], max_length=17)),
                ('closing_reason', models.CharField(blank=True, max_length=1000)),
                ('closing_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('survey', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='evidence.patientsurvey')),
            ],
        ),
        migrations.CreateModel(
            name='CaseStep',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('program', models.CharField(help_text='Whose policy set the day.', max_length=40)),
                ('kind', models.CharField(help_text="A code of the policy's follow-up.", max_length=40)),
                ('title', models.CharField(help_text='As the policy called it then.', max_length=120)),
                ('due_on', models.DateField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_as', models.CharField(blank=True, choices=[('done', 'Done'), ('waived', 'Waived'), ('rescheduled', 'Rescheduled')], max_length=11)),
                ('note', models.CharField(blank=True, help_text='What was done, or why not.', max_length=1000)),
                ('ending_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='evidence.pregnancycase')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['due_on'], name='case_step_owed')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('case', 'kind'), name='case_step_open_once'), models.CheckConstraint(condition=models.Q(('ended_as__in', ['', 'done', 'waived', 'rescheduled'])), name='case_step_end_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_as', ''), ('ended_at__isnull', True), ('ending_operation__isnull', True), ('note', '')), models.Q(('ended_at__isnull', False), ('ending_operation__isnull', False), ('ended_at__gte', models.F('recorded_at')), models.Q(('ended_as', ''), _negated=True), models.Q(('note', ''), _negated=True)), _connector='OR'), name='case_step_end_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='CaseDetail',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('exposed_from', models.DateField(help_text='First day on which the drug was taken.', null=True)),
                ('exposed_until', models.DateField(help_text='Last day on which it was taken.', null=True)),
                ('conceived_on', models.DateField(help_text='Estimate.', null=True)),
                ('birth_expected_on', models.DateField(null=True)),
                ('pregnancy_ended_on', models.DateField(null=True)),
                ('pregnancy_outcome', models.CharField(blank=True, choices=[('ongoing', 'Ongoing'), ('live_birth', 'Live birth'), ('birth_defect', 'Live birth with a birth defect'), ('stillbirth', 'Stillbirth'), ('spontaneous_abortion', 'Spontaneous abortion'), ('induced_abortion', 'Induced abortion'), ('ectopic', 'Ectopic pregnancy'), ('not_pregnant', 'Not pregnant'), ('unknown', 'Unknown')], max_length=20)),
                ('root_cause', models.CharField(blank=True, choices=[('no_contraception', 'No contraception was used'), ('contraception_interrupted', 'Contraception was interrupted'), ('contraception_failed', 'Contraception failed'), ('test_not_done', 'A pregnancy test was not done'), ('test_false_negative', 'A pregnancy test was false negative'), ('pregnant_before_start', 'Pregnant before the start'), ('category_wrong', 'The risk category was wrong'), ('not_understood', 'The instructions were not understood'), ('shared_drug', 'Capsules of another patient'), ('partner_unprotected', 'No condom with the partner'), ('not_known', 'Not known'), ('other', 'Another cause')], max_length=25)),
                ('notes', models.CharField(blank=True, max_length=2000)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='details', to='evidence.pregnancycase')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('exposed_until__gte', models.F('exposed_from')), ('exposed_from__isnull', True), ('exposed_until__isnull', True), _connector='OR'), name='case_exposure_in_order'), models.CheckConstraint(condition=models.Q(('birth_expected_on__gt', models.F('conceived_on')), ('birth_expected_on__isnull', True), ('conceived_on__isnull', True), _connector='OR'), name='case_birth_after_conception'), models.CheckConstraint(condition=models.Q(('pregnancy_outcome__in', ['', 'ongoing', 'live_birth', 'birth_defect', 'stillbirth', 'spontaneous_abortion', 'induced_abortion', 'ectopic', 'not_pregnant', 'unknown'])), name='case_pregnancy_outcome_is_known'), models.CheckConstraint(condition=models.Q(('root_cause__in', ['', 'no_contraception', 'contraception_interrupted', 'contraception_failed', 'test_not_done', 'test_false_negative', 'pregnant_before_start', 'category_wrong', 'not_understood', 'shared_drug', 'partner_unprotected', 'not_known', 'other'])), name='case_root_cause_is_known')],
            },
        ),
        migrations.CreateModel(
            name='PregnancyTest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('collected_at', models.DateTimeField()),
                ('resulted_at', models.DateTimeField()),
                ('result', models.CharField(choices=[('negative', 'Negative'), ('positive', 'Positive'), ('indeterminate', 'Indeterminate')], max_length=13)),
                ('sensitivity_miu_ml', models.DecimalField(decimal_places=2, max_digits=7, verbose_name='Sensitivity (mIU/mL)')),
                ('specimen', models.CharField(choices=[('serum', 'Serum'), ('urine', 'Urine')], max_length=5)),
                ('laboratory', models.CharField(blank=True, max_length=120)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('withdrawal_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['patient', 'collected_at'], name='test_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_operation__isnull', True), ('withdrawal_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawal_operation__isnull', False), ('withdrawn_at__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='pregnancytest_withdrawal_is_whole'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='pregnancytest_withdrawn_after_recorded'), models.CheckConstraint(condition=models.Q(('result__in', ['negative', 'positive', 'indeterminate'])), name='test_result_is_known'), models.CheckConstraint(condition=models.Q(('specimen__in', ['serum', 'urine'])), name='test_specimen_is_known'), models.CheckConstraint(condition=models.Q(('sensitivity_miu_ml__gt', 0)), name='test_sensitivity_is_positive'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('resulted_at')), ('resulted_at__gte', models.F('collected_at'))), name='test_instants_in_order')],
            },
        ),
        migrations.AddField(
            model_name='pregnancycase',
            name='test',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='evidence.pregnancytest'),
        ),
        migrations.CreateModel(
            name='PrescriberSurvey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('program', models.CharField(max_length=40)),
                ('completed_at', models.DateTimeField()),
                ('text_version', models.CharField(max_length=40)),
                ('text_language', models.CharField(max_length=12)),
                ('risk_category', models.CharField(choices=[('adult_frp', 'Adult female of reproductive potential'), ('child_frp', 'Female child of reproductive potential'), ('adult_fnrp', 'Adult female not of reproductive potential'), ('child_fnrp', 'Female child not of reproductive potential'), ('adult_male', 'Adult male'), ('child_male', 'Male child')], max_length=12)),
                ('answers', models.JSONField(help_text='Question code to answer.')),
                ('stated', models.JSONField(help_text='Days of therapy prescribed, and what the record showed and the answers attest: cycle, last test, contraception, counseling.')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('risk_category__in', ['adult_frp', 'child_frp', 'adult_fnrp', 'child_fnrp', 'adult_male', 'child_male'])), name='prescriber_survey_category_is_known'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('completed_at'))), name='prescriber_survey_instants_in_order')],
            },
        ),
        migrations.CreateModel(
            name='RuleException',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('program', models.CharField(max_length=40)),
                ('rule', models.CharField(max_length=12)),
                ('granted_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('requested_by_id', models.UUIDField()),
                ('granted_by_id', models.UUIDField()),
                ('reason', models.CharField(max_length=1000)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='exception', to='evidence.exceptionrequest')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('granted_by_id', models.F('requested_by_id')), _negated=True), name='exception_by_two_persons'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('granted_at'))), name='exception_has_end'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='exception_has_reason'), models.CheckConstraint(condition=models.Q(('rule__in', ['L-DSP-5', 'L-ENR-4', 'L-SUR-2'])), name='exception_rule_may_be_overridden')],
            },
        ),
        migrations.CreateModel(
            name='SurveyUse',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('authorization', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='survey_use', to='prescriptions.authorization')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('survey', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='evidence.patientsurvey')),
            ],
        ),
        migrations.CreateModel(
            name='TherapyEvent',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('program', models.CharField(blank=True, help_text='Empty for a death.', max_length=40)),
                ('kind', models.CharField(choices=[('interrupted', 'Interrupted'), ('resumed', 'Resumed'), ('discontinued', 'Discontinued'), ('died', 'Died'), ('withdrew', 'Withdrew from the program')], max_length=12)),
                ('happened_on', models.DateField()),
                ('reason', models.CharField(max_length=400)),
                ('said_by', models.CharField(help_text='Who said so.', max_length=200)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('withdrawal_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_operation__isnull', True), ('withdrawal_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawal_operation__isnull', False), ('withdrawn_at__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='therapyevent_withdrawal_is_whole'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='therapyevent_withdrawn_after_recorded'), models.CheckConstraint(condition=models.Q(('kind__in', ['interrupted', 'resumed', 'discontinued', 'died', 'withdrew'])), name='therapy_event_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'died'), ('program', '')), models.Q(models.Q(('kind', 'died'), _negated=True), models.Q(('program', ''), _negated=True)), _connector='OR'), name='therapy_event_has_program'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('said_by', ''), _negated=True)), name='therapy_event_has_reason'), models.UniqueConstraint(condition=models.Q(('kind', 'died'), ('withdrawn_at__isnull', True)), fields=('patient',), name='therapy_event_one_death')],
            },
        ),
        migrations.CreateModel(
            name='Counseling',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
                ('date_only', models.BooleanField(db_default=False, default=False, help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).")),
                ('program', models.CharField(max_length=40)),
                ('given_at', models.DateTimeField()),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('withdrawal_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'verbose_name_plural': 'counseling',
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_operation__isnull', True), ('withdrawal_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawal_operation__isnull', False), ('withdrawn_at__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='counseling_withdrawal_is_whole'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='counseling_withdrawn_after_recorded'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('given_at'))), name='counseling_instants_in_order')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='counseling',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='32ac1c9e57196655d437998a4089a1fc6241ef1e', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_5de5e', table='evidence_counseling', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='counseling',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='aafb91fc36a9844d7e1474d83c3d6d1db6f702c7', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_feca2', table='evidence_counseling', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deviation',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='f8c57033325d7edb4c81bcd9f28a5ace56915a03', operation='DELETE', pgid='pgtrigger_no_delete_a3543', table='evidence_deviation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deviation',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='dc3582a248c20fe52a8c000fdd81898ffe27488b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_93d26', table='evidence_deviation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deviation',
            trigger=pgtrigger.compiler.Trigger(name='state_moves', sql=apps.core.triggers.GuardSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{open:under_review,under_review:accepted,under_review:corrected}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='60cf23a11562c143ed15e684af8b0245345715b1', operation='UPDATE', pgid='pgtrigger_state_moves_e0447', table='evidence_deviation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deviation',
            trigger=pgtrigger.compiler.Trigger(name='state_starts', sql=apps.core.triggers.GuardSql(func="\n                IF NEW.state NOT IN ('open') THEN\n                    RAISE EXCEPTION 'state: rows of % do not begin as %', TG_TABLE_NAME, NEW.state\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='9dcb8f5886fd183b1c62881673e9f6bfcd4dc7ff', operation='INSERT', pgid='pgtrigger_state_starts_cf47f', table='evidence_deviation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deviation',
            trigger=pgtrigger.compiler.Trigger(name='terms_are_fixed', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."operation_id" IS DISTINCT FROM (NEW."operation_id") OR OLD."patient_id" IS DISTINCT FROM (NEW."patient_id") OR OLD."organization_id" IS DISTINCT FROM (NEW."organization_id") OR OLD."rule" IS DISTINCT FROM (NEW."rule") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."occurrence" IS DISTINCT FROM (NEW."occurrence") OR OLD."occurred_at" IS DISTINCT FROM (NEW."occurred_at") OR OLD."severity" IS DISTINCT FROM (NEW."severity"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='0ba49aa8e448f22b98aa56922211f704205c47cb', operation='UPDATE', pgid='pgtrigger_terms_are_fixed_6706b', table='evidence_deviation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deviation',
            trigger=pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='b90bc69c45f2805cd8ec13ede05b565d85e27941', operation='UPDATE', pgid='pgtrigger_row_history_412ad', table='evidence_deviation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exceptionrequest',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='cb00930720d17793f528475fa70f8f8520abcb2a', operation='DELETE', pgid='pgtrigger_no_delete_d2e73', table='evidence_exceptionrequest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exceptionrequest',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='ecc459cb4faf0dda09adf66e3be4dad7eb72df48', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_ed2ea', table='evidence_exceptionrequest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exceptionrequest',
            trigger=pgtrigger.compiler.Trigger(name='state_moves', sql=apps.core.triggers.GuardSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{requested:granted,requested:refused,requested:withdrawn}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='6227910cacd0c5130c37fc077174d6a28f65e30d', operation='UPDATE', pgid='pgtrigger_state_moves_2487a', table='evidence_exceptionrequest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exceptionrequest',
            trigger=pgtrigger.compiler.Trigger(name='state_starts', sql=apps.core.triggers.GuardSql(func="\n                IF NEW.state NOT IN ('requested') THEN\n                    RAISE EXCEPTION 'state: rows of % do not begin as %', TG_TABLE_NAME, NEW.state\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='e3338052b6f062dcf1598c7d2e69e30fd8d1b72d', operation='INSERT', pgid='pgtrigger_state_starts_a5590', table='evidence_exceptionrequest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exceptionrequest',
            trigger=pgtrigger.compiler.Trigger(name='terms_are_fixed', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."operation_id" IS DISTINCT FROM (NEW."operation_id") OR OLD."patient_id" IS DISTINCT FROM (NEW."patient_id") OR OLD."date_only" IS DISTINCT FROM (NEW."date_only") OR OLD."program" IS DISTINCT FROM (NEW."program") OR OLD."rule" IS DISTINCT FROM (NEW."rule") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."asked_by" IS DISTINCT FROM (NEW."asked_by") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."requested_by_id" IS DISTINCT FROM (NEW."requested_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='607f5be3663054044c0e0c27220eaa38e96d4d82', operation='UPDATE', pgid='pgtrigger_terms_are_fixed_2c545', table='evidence_exceptionrequest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exceptionrequest',
            trigger=pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='a6299bc1b1781e2ab1efebcb070c26c6be3aec49', operation='UPDATE', pgid='pgtrigger_row_history_7a236', table='evidence_exceptionrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='healthstatus',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='d775dc974b484f1f9bca0c61f221101818f62f3e', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_78c22', table='evidence_healthstatus', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='healthstatus',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='5135b412587c3e9ef9bbde47c06c259df1690e48', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_90483', table='evidence_healthstatus', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intakescan',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='102f60825b0f4a067999ce0258521d8f9d2e4f4a', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_b1aa2', table='evidence_intakescan', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intakescan',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='0228082822492df9c067f260633775e31989f9be', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_4c5ab', table='evidence_intakescan', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intake',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='d61d407f76ef99d12103c565e8c9fb2f67046fb7', operation='DELETE', pgid='pgtrigger_no_delete_efcee', table='evidence_intake', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intake',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='e9d9217c43ca8442c7c8d8b4f6225f037b1898e0', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_422d9', table='evidence_intake', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intake',
            trigger=pgtrigger.compiler.Trigger(name='state_moves', sql=apps.core.triggers.GuardSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{waiting:accepted,waiting:refused}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='7aac3aaaa2284ed9655c260b197d2fa80d542131', operation='UPDATE', pgid='pgtrigger_state_moves_1b8c5', table='evidence_intake', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intake',
            trigger=pgtrigger.compiler.Trigger(name='state_starts', sql=apps.core.triggers.GuardSql(func="\n                IF NEW.state NOT IN ('effective', 'waiting') THEN\n                    RAISE EXCEPTION 'state: rows of % do not begin as %', TG_TABLE_NAME, NEW.state\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='059cbe4eb3cbb3bf432605635a7414408f124ef5', operation='INSERT', pgid='pgtrigger_state_starts_2d20c', table='evidence_intake', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intake',
            trigger=pgtrigger.compiler.Trigger(name='terms_are_fixed', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."operation_id" IS DISTINCT FROM (NEW."operation_id") OR OLD."patient_id" IS DISTINCT FROM (NEW."patient_id") OR OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."content" IS DISTINCT FROM (NEW."content") OR OLD."risk_category" IS DISTINCT FROM (NEW."risk_category") OR OLD."told_by" IS DISTINCT FROM (NEW."told_by") OR OLD."told_by_name" IS DISTINCT FROM (NEW."told_by_name") OR OLD."prescriber_id" IS DISTINCT FROM (NEW."prescriber_id") OR OLD."verification" IS DISTINCT FROM (NEW."verification") OR OLD."verification_note" IS DISTINCT FROM (NEW."verification_note") OR OLD."scan_id" IS DISTINCT FROM (NEW."scan_id") OR OLD."entered_by_id" IS DISTINCT FROM (NEW."entered_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='83bdd94b95877462ba9118f06f5f231722d62ccd', operation='UPDATE', pgid='pgtrigger_terms_are_fixed_47da1', table='evidence_intake', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intake',
            trigger=pgtrigger.compiler.Trigger(name='row_history', sql=apps.core.triggers.GuardSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="\n                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,\n                    database_role, before, after)\n                VALUES (clock_timestamp(),\n                    nullif(current_setting('remsportal.operation', true), '')::uuid,\n                    TG_TABLE_NAME, OLD.id::text, current_user,\n                    to_jsonb(OLD) - ARRAY[]::text[],\n                    to_jsonb(NEW) - ARRAY[]::text[]);\n                RETURN NULL;\n            ", hash='8b0ae7b45b9f84a926c7d6dc843b9049763bb9eb', operation='UPDATE', pgid='pgtrigger_row_history_f88b1', table='evidence_intake', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='obligationsattestation',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='2e89ffedc4186504084753038ef28086532b634a', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_ac4e9', table='evidence_obligationsattestation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='obligationsattestation',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='2ec5a535364de4adb33ed91f87cbfb54bd6abd3c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_1f42e', table='evidence_obligationsattestation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patientsurvey',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='57db697ed8b94dd894082552de11d19ae3909478', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_7fdd9', table='evidence_patientsurvey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patientsurvey',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='59f1d1d0e8f9fe56e4497607d7d4545b9b892635', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_cd612', table='evidence_patientsurvey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intervention',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'resolved_at\', \'conclusion\', \'contacted\', \'outcome\', \'resolving_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'resolved_at\', \'conclusion\', \'contacted\', \'outcome\', \'resolving_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'resolved_at\', \'conclusion\', \'contacted\', \'outcome\', \'resolving_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='e148cde37c3b7af4c5f32e57e1c1d1f569f80251', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_15d08', table='evidence_intervention', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intervention',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='e18c00935e1a6b948c5ab74327f80db8556e3af6', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_19149', table='evidence_intervention', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intervention',
            trigger=pgtrigger.compiler.Trigger(name='survey_is_the_patients', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.survey_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM evidence_patientsurvey r WHERE r.id = NEW.survey_id AND r.patient_id = NEW.patient_id), false) THEN\n                    RAISE EXCEPTION 'survey_is_the_patients: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='d9a2213318795c1b450477270138df3c2a776430', operation='INSERT', pgid='pgtrigger_survey_is_the_patients_1f750', table='evidence_intervention', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contraceptionattestation',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='364917f4c2b27c14b1d102989fa0cf6c5030fb6b', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_344b9', table='evidence_contraceptionattestation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contraceptionattestation',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='09732e3c04af6e22879a61b9f589778bccbc41bd', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_d263f', table='evidence_contraceptionattestation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contraceptionattestation',
            trigger=pgtrigger.compiler.Trigger(name='survey_is_the_patients', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.survey_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM evidence_patientsurvey r WHERE r.id = NEW.survey_id AND r.patient_id = NEW.patient_id), false) THEN\n                    RAISE EXCEPTION 'survey_is_the_patients: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='cc7d5d1c759a0d37ea877793e7f08e0b65f5cc4d', operation='INSERT', pgid='pgtrigger_survey_is_the_patients_cb55b', table='evidence_contraceptionattestation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bleedingreport',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='8c1e5ce53e651b210077eb59082d5ea99f6a8086', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_6a75c', table='evidence_bleedingreport', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bleedingreport',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='3f383162ae7115733b1aadee4a8c6984b1708aac', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_f6ee5', table='evidence_bleedingreport', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bleedingreport',
            trigger=pgtrigger.compiler.Trigger(name='survey_is_the_patients', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.survey_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM evidence_patientsurvey r WHERE r.id = NEW.survey_id AND r.patient_id = NEW.patient_id), false) THEN\n                    RAISE EXCEPTION 'survey_is_the_patients: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='ad8f71f023bc6b36a3c19b4e1c081c76c0f5161b', operation='INSERT', pgid='pgtrigger_survey_is_the_patients_621d8', table='evidence_bleedingreport', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casestep',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'ended_at\', \'ended_as\', \'note\', \'ending_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'ended_at\', \'ended_as\', \'note\', \'ending_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'ended_at\', \'ended_as\', \'note\', \'ending_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='228d72c9dd9ef9a57ce4657411883bc70f566e56', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_a4ce4', table='evidence_casestep', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casestep',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='36f1191e4592ec4b3f8b1c4dbf85d9939588cd95', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_47b07', table='evidence_casestep', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casedetail',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='386df02aee2ad77e719b35c1ff0f606971707079', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_154e8', table='evidence_casedetail', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='casedetail',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='c46c75f4162848aede87715662eda2fc3e69b62f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_cb6a5', table='evidence_casedetail', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pregnancytest',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='ab27ee0c1210a9b5feaaeb9884d58926b3595efe', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_b1f07', table='evidence_pregnancytest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pregnancytest',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='c6a49e1566509fb2d7fd074dac2823895fbb8f7e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_75ba0', table='evidence_pregnancytest', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='pregnancycase',
            constraint=models.CheckConstraint(condition=models.Q(('subject__in', ['patient', 'partner'])), name='case_subject_is_known'),
        ),
        migrations.AddConstraint(
            model_name='pregnancycase',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'not_pregnant', 'pregnancy_ended', 'lost_to_follow_up', 'unknown'])), name='case_outcome_is_known'),
        ),
        migrations.AddConstraint(
            model_name='pregnancycase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closing_operation__isnull', True), ('closing_reason', ''), ('outcome', '')), models.Q(('closed_at__isnull', False), ('closing_operation__isnull', False), ('closed_at__gte', models.F('reported_at')), models.Q(('outcome', ''), _negated=True), models.Q(('closing_reason', ''), _negated=True)), _connector='OR'), name='case_closure_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='pregnancycase',
            constraint=models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('reported_at'))), name='case_instants_in_order'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pregnancycase',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'closed_at\', \'outcome\', \'closing_reason\', \'closing_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'closed_at\', \'outcome\', \'closing_reason\', \'closing_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'closed_at\', \'outcome\', \'closing_reason\', \'closing_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='09f5cbdd71ffac38938078f0f0a21bdba685d096', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_f0963', table='evidence_pregnancycase', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pregnancycase',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='e51cdc2fec360448b9fde03a94d945d1bf866665', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_87745', table='evidence_pregnancycase', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pregnancycase',
            trigger=pgtrigger.compiler.Trigger(name='test_is_the_patients', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.test_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM evidence_pregnancytest r WHERE r.id = NEW.test_id AND r.patient_id = NEW.patient_id), false) THEN\n                    RAISE EXCEPTION 'test_is_the_patients: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='4b245bb41145093e666e93f4bbab608c5ca5cfd4', operation='INSERT', pgid='pgtrigger_test_is_the_patients_484e5', table='evidence_pregnancycase', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pregnancycase',
            trigger=pgtrigger.compiler.Trigger(name='survey_is_the_patients', sql=apps.core.triggers.GuardSql(condition='WHEN (NEW.survey_id IS NOT NULL)', func="\n                IF NOT coalesce(EXISTS (SELECT FROM evidence_patientsurvey r WHERE r.id = NEW.survey_id AND r.patient_id = NEW.patient_id), false) THEN\n                    RAISE EXCEPTION 'survey_is_the_patients: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='f7eda35054273275cc555ac69fa56f6dcbf3ff94', operation='INSERT', pgid='pgtrigger_survey_is_the_patients_15641', table='evidence_pregnancycase', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='prescribersurvey',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='6e235e2fc0b418a79c865d9a04c6e251c3001195', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_90d19', table='evidence_prescribersurvey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='prescribersurvey',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='771987a37eceac1d048e53d25086da13fe21147b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_2f1c2', table='evidence_prescribersurvey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruleexception',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='89f4dc80eb702144b1f2c2f702922e4fe9494faf', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_83e9f', table='evidence_ruleexception', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruleexception',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='70580b4bb2eb74dfa5ce5866e300dfc90ed2098d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_0ee0c', table='evidence_ruleexception', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruleexception',
            trigger=pgtrigger.compiler.Trigger(name='request_was_granted', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(EXISTS (SELECT FROM evidence_exceptionrequest r\n                        JOIN core_operation o ON o.id = NEW.operation_id\n                    WHERE r.id = NEW.request_id AND r.state = 'granted'\n                        AND r.patient_id = NEW.patient_id AND r.program = NEW.program\n                        AND r.rule = NEW.rule AND r.expires_at = NEW.expires_at\n                        AND r.requested_by_id = NEW.requested_by_id\n                        AND r.decided_by_id = NEW.granted_by_id\n                        AND o.actor_kind = 'person' AND o.actor_id = NEW.granted_by_id), false) THEN\n                    RAISE EXCEPTION 'request_was_granted: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='89ed6c0c7946a825b2473879a9e5c0c23b835b4d', operation='INSERT', pgid='pgtrigger_request_was_granted_a0af8', table='evidence_ruleexception', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='surveyuse',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='e3619b313aa95422df52952966b8c068ec8d3932', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_246d6', table='evidence_surveyuse', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='surveyuse',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='3c161953376b2a3fa7f26a79c9b58f6b7c4e223d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_3738a', table='evidence_surveyuse', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='surveyuse',
            trigger=pgtrigger.compiler.Trigger(name='survey_is_the_patients', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(EXISTS (\n                    SELECT FROM evidence_patientsurvey s\n                    JOIN patients_patient p ON p.id = s.patient_id\n                    JOIN prescriptions_authorization a ON a.program = s.program\n                        AND a.patient_id IN (p.id, p.merged_into_id)\n                    WHERE s.id = NEW.survey_id AND a.id = NEW.authorization_id), false) THEN\n                    RAISE EXCEPTION 'survey_is_the_patients: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='ed57b71115fa904683490729c36479b03b09b252', operation='INSERT', pgid='pgtrigger_survey_is_the_patients_554ff', table='evidence_surveyuse', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='surveyuse',
            trigger=pgtrigger.compiler.Trigger(name='survey_is_free', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(NOT EXISTS (\n                    SELECT FROM evidence_surveyuse u JOIN prescriptions_authorization a\n                        ON a.id = u.authorization_id\n                    WHERE u.survey_id = NEW.survey_id AND a.id <> NEW.authorization_id\n                        AND a.state IN ('issued', 'confirmed', 'dispensed')), false) THEN\n                    RAISE EXCEPTION 'survey_is_free: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='51578e5bfa0545cf8054b9fd87a4b8e5972ba293', operation='INSERT', pgid='pgtrigger_survey_is_free_43f2f', table='evidence_surveyuse', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='therapyevent',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='e5ea6e32ea2abac6f86047f563f174b804450301', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_58153', table='evidence_therapyevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='therapyevent',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='838b3027891787fc835b67f00c14c6bdb70e9984', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_94b25', table='evidence_therapyevent', when='BEFORE')),
        ),
    ]
