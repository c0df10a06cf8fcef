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
    ]

    operations = [
        migrations.CreateModel(
            name='ContraceptionAttestation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
                ('attested_at', models.DateTimeField()),
                ('abstinence', models.BooleanField(help_text='No sex with a male partner.')),
                ('methods', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), default=list, size=None)),
                ('in_use_since', models.DateField(null=True)),
                ('lapse', models.BooleanField()),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('withdrawal_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['patient', 'attested_at'], name='contraception_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_operation__isnull', True), ('withdrawal_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawal_operation__isnull', False), ('withdrawn_at__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='contraceptionattestation_withdrawal_is_whole'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='contraceptionattestation_withdrawn_after_recorded'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('attested_at'))), name='contraception_instants_in_order')],
            },
        ),
        migrations.CreateModel(
            name='Counseling',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('program', models.CharField(max_length=40)),
                ('given_at', models.DateTimeField()),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
            ],
            options={
                'verbose_name_plural': 'counseling',
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('given_at'))), name='counseling_instants_in_order')],
            },
        ),
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
            name='HealthStatus',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('cycle', models.CharField(blank=True, choices=[('regular', 'Regular'), ('irregular', 'Irregular'), ('none', 'None')], max_length=9)),
                ('breastfeeding', models.BooleanField()),
                ('advisory_flags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
            ],
            options={
                'verbose_name_plural': 'health statuses',
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('cycle__in', ['', 'regular', 'irregular', 'none'])), name='health_cycle_is_known'), models.UniqueConstraint(fields=('patient', 'recorded_at'), name='health_one_at_an_instant')],
            },
        ),
        migrations.CreateModel(
            name='Intervention',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('opened_at', models.DateTimeField()),
                ('cause', models.CharField(help_text='A code, such as at_risk_answer or lapse.', max_length=60)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=1000)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('resolving_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('outcome', ''), ('resolved_at__isnull', True), ('resolving_operation__isnull', True)), models.Q(('resolved_at__isnull', False), ('resolving_operation__isnull', False), ('resolved_at__gte', models.F('opened_at')), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='intervention_resolution_is_whole'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('opened_at'))), name='intervention_instants_in_order')],
            },
        ),
        migrations.CreateModel(
            name='ObligationsAttestation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('attested_at', models.DateTimeField()),
                ('condom', models.BooleanField()),
                ('abstinence', models.BooleanField()),
                ('no_sperm_donation', models.BooleanField()),
                ('no_blood_donation', models.BooleanField()),
                ('no_sharing', models.BooleanField()),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('attested_at'))), name='obligations_instants_in_order')],
            },
        ),
        migrations.CreateModel(
            name='PatientSurvey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('program', models.CharField(max_length=40)),
                ('completed_at', models.DateTimeField()),
                ('text_version', models.CharField(max_length=40)),
                ('answers', models.JSONField(help_text='Question code to answer.')),
                ('at_risk', models.BooleanField(help_text='An answer opened an intervention (L-SUR-3).')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('completed_at'))), name='patient_survey_instants_in_order')],
            },
        ),
        migrations.CreateModel(
            name='PregnancyTest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
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
        migrations.CreateModel(
            name='PregnancyCase',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('subject', models.CharField(choices=[('patient', 'Patient'), ('partner', "Patient's partner")], max_length=7)),
                ('reported_at', models.DateTimeField()),
                ('source', models.CharField(help_text='Who or what reported it.', max_length=200)),
                ('closed_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('not_pregnant', 'Not pregnant (adjudicated false positive)'), ('pregnancy_ended', 'Pregnancy ended'), ('lost_to_follow_up', 'Lost to follow-up'), ('unknown', 'Unknown')], max_length=17)),
                ('closing_reason', models.CharField(blank=True, max_length=1000)),
                ('closing_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('test', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='evidence.pregnancytest')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('subject__in', ['patient', 'partner'])), name='case_subject_is_known'), models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'not_pregnant', 'pregnancy_ended', 'lost_to_follow_up', 'unknown'])), name='case_outcome_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closing_operation__isnull', True), ('closing_reason', ''), ('outcome', '')), models.Q(('closed_at__isnull', False), ('closing_operation__isnull', False), ('closed_at__gte', models.F('reported_at')), models.Q(('outcome', ''), _negated=True), models.Q(('closing_reason', ''), _negated=True)), _connector='OR'), name='case_closure_is_whole'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('reported_at'))), name='case_instants_in_order')],
            },
        ),
        migrations.CreateModel(
            name='PrescriberSurvey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('program', models.CharField(max_length=40)),
                ('completed_at', models.DateTimeField()),
                ('text_version', models.CharField(max_length=40)),
                ('risk_category', models.CharField(choices=[('adult_frp', 'Adult female of reproductive potential'), ('child_frp', 'Female child of reproductive potential'), ('adult_fnrp', 'Adult female not of reproductive potential'), ('child_fnrp', 'Female child not of reproductive potential'), ('adult_male', 'Adult male'), ('child_male', 'Male child')], max_length=12)),
                ('answers', models.JSONField(help_text='Question code to answer.')),
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
                ('program', models.CharField(max_length=40)),
                ('rule', models.CharField(max_length=12)),
                ('granted_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('granted_by_id', models.UUIDField()),
                ('seconded_by_id', models.UUIDField()),
                ('reason', models.CharField(max_length=1000)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('granted_by_id', models.F('seconded_by_id')), _negated=True), name='exception_by_two_persons'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('granted_at'))), name='exception_has_end'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='exception_has_reason'), models.CheckConstraint(condition=models.Q(('rule__in', ['L-DSP-5', 'L-ENR-4', 'L-SUR-2'])), name='exception_rule_may_be_overridden')],
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
            name='BleedingReport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recorded_at', models.DateTimeField(help_text="When it was entered; the program's time.")),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=400)),
                ('reported_at', models.DateTimeField()),
                ('kind', models.CharField(choices=[('missed_period', 'Missed period'), ('abnormal_bleeding', 'Abnormal menstrual or vaginal bleeding')], max_length=17)),
                ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_set', to='patients.patient')),
                ('withdrawal_operation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.operation')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_operation__isnull', True), ('withdrawal_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawal_operation__isnull', False), ('withdrawn_at__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='bleedingreport_withdrawal_is_whole'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('recorded_at')), _connector='OR'), name='bleedingreport_withdrawn_after_recorded'), models.CheckConstraint(condition=models.Q(('kind__in', ['missed_period', 'abnormal_bleeding'])), name='bleeding_kind_is_known'), models.CheckConstraint(condition=models.Q(('recorded_at__gte', models.F('reported_at'))), name='bleeding_instants_in_order')],
            },
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
            model_name='contraceptionattestation',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='364917f4c2b27c14b1d102989fa0cf6c5030fb6b', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_344b9', table='evidence_contraceptionattestation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contraceptionattestation',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='09732e3c04af6e22879a61b9f589778bccbc41bd', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_d263f', table='evidence_contraceptionattestation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='counseling',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='cc50e04c0e1579db86dd168e88593d9b8d77351b', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_5de5e', table='evidence_counseling', when='BEFORE')),
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
            model_name='healthstatus',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='3954fa2049a9a280351a91c65745e818bca9c954', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_78c22', table='evidence_healthstatus', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='healthstatus',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='5135b412587c3e9ef9bbde47c06c259df1690e48', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_90483', table='evidence_healthstatus', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intervention',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'resolved_at\', \'outcome\', \'resolving_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'resolved_at\', \'outcome\', \'resolving_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'resolved_at\', \'outcome\', \'resolving_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='71ee0d8881323a7ba7496e008593e59f595fa0f3', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_15d08', table='evidence_intervention', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intervention',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='e18c00935e1a6b948c5ab74327f80db8556e3af6', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_19149', table='evidence_intervention', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='obligationsattestation',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='ef59aad880f84b400661172133ef2e87a32e84d4', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_ac4e9', table='evidence_obligationsattestation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='obligationsattestation',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='2ec5a535364de4adb33ed91f87cbfb54bd6abd3c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_1f42e', table='evidence_obligationsattestation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patientsurvey',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='5ac68ac8a9b790d2e9d5f38bd36cbad5e1b1f26e', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_7fdd9', table='evidence_patientsurvey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patientsurvey',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='59f1d1d0e8f9fe56e4497607d7d4545b9b892635', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_cd612', table='evidence_patientsurvey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pregnancytest',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[\'withdrawn_at\', \'withdrawal_reason\', \'withdrawal_operation_id\']::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='ab27ee0c1210a9b5feaaeb9884d58926b3595efe', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_b1f07', table='evidence_pregnancytest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pregnancytest',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='c6a49e1566509fb2d7fd074dac2823895fbb8f7e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_75ba0', table='evidence_pregnancytest', when='BEFORE')),
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
            model_name='surveyuse',
            trigger=pgtrigger.compiler.Trigger(name='immutable', sql=apps.core.triggers.GuardSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                RAISE EXCEPTION \'immutable: rows of % are never deleted\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF to_jsonb(OLD) - ARRAY[]::text[]\n                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[]::text[] THEN\n                RAISE EXCEPTION \'immutable: rows of % are never changed\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            IF EXISTS (\n                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was\n                WHERE was.key = ANY(ARRAY[]::text[])\n                AND was.value NOT IN (\'null\'::jsonb, \'""\'::jsonb)\n                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key\n            ) THEN\n                RAISE EXCEPTION \'immutable: what closed a row of % is set once\', TG_TABLE_NAME\n                    USING ERRCODE = \'integrity_constraint_violation\';\n            END IF;\n            RETURN NEW;\n        ', hash='e3619b313aa95422df52952966b8c068ec8d3932', operation='UPDATE OR DELETE', pgid='pgtrigger_immutable_246d6', table='evidence_surveyuse', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='surveyuse',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=apps.core.triggers.GuardSql(func="\n                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            ", hash='3c161953376b2a3fa7f26a79c9b58f6b7c4e223d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_3738a', table='evidence_surveyuse', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='surveyuse',
            trigger=pgtrigger.compiler.Trigger(name='survey_is_the_patients', sql=apps.core.triggers.GuardSql(func="\n                IF NOT coalesce(EXISTS (\n                    SELECT FROM evidence_patientsurvey s JOIN prescriptions_authorization a\n                        ON a.patient_id = s.patient_id AND a.program = s.program\n                    WHERE s.id = NEW.survey_id AND a.id = NEW.authorization_id), false) THEN\n                    RAISE EXCEPTION 'survey_is_the_patients: refused for a row of %', TG_TABLE_NAME\n                        USING ERRCODE = 'integrity_constraint_violation';\n                END IF;\n                RETURN NEW;\n            ", hash='6acefd370d5dfe125624dda296a5fee7fa400d41', operation='INSERT', pgid='pgtrigger_survey_is_the_patients_554ff', table='evidence_surveyuse', when='BEFORE')),
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
