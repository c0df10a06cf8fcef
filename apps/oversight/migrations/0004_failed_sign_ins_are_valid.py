# Read the rows that there are, without keeping anybody from writing.

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('oversight', '0003_failed_sign_ins_wait'),
    ]

    operations = [
        ValidateConstraint(model_name='assignment', name='assignment_kind'),
        ValidateConstraint(model_name='settlement', name='settlement_kind_has_no_other_end'),
    ]
