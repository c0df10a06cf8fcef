# The kinds of items that no policy names: both checks know them.

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

KINDS = (
    'intervention', 'pregnancy_case', 'case_follow_up', 'deviation_minor', 'deviation_major',
    'deviation_critical', 'category_change', 'intake_check', 'exception_request', 'duplicate',
    'undeliverable_address', 'undeliverable_notice', 'prescriber_certification',
    'pharmacy_certification', 'certification_lapse', 'stranded_patient', 'evaluation_hold',
    'outage_reconciliation', 'failed_sign_ins',
)


class Migration(migrations.Migration):

    dependencies = [
        ('oversight', '0002_trace_what_comes_past_commands'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='assignment', name='assignment_kind'),
        AddConstraintNotValid(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', KINDS)), name='assignment_kind'),
        ),
        migrations.RemoveConstraint(model_name='settlement', name='settlement_kind_has_no_other_end'),
        AddConstraintNotValid(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['undeliverable_notice', 'failed_sign_ins'])), name='settlement_kind_has_no_other_end'),
        ),
    ]
