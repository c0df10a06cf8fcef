# One more kind of item that no policy names.

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

KINDS = (
    'intervention', 'pregnancy_case', 'case_follow_up', 'deviation_minor', 'deviation_major',
    'deviation_critical', 'category_change', 'intake_check', 'exception_request', 'duplicate',
    'undeliverable_address', 'undeliverable_notice', 'prescriber_certification',
    'pharmacy_certification', 'certification_lapse', 'stranded_patient', 'evaluation_hold',
    'outage_reconciliation', 'failed_sign_ins', 'unsigned_agreement',
)


class Migration(migrations.Migration):

    dependencies = [
        ('oversight', '0005_copies_of_records'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='assignment', name='assignment_kind'),
        AddConstraintNotValid(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', KINDS)), name='assignment_kind'),
        ),
    ]
