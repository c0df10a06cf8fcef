# Read the rows that there are, without keeping anybody from writing.

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('oversight', '0006_unsigned_agreements_wait'),
    ]

    operations = [
        ValidateConstraint(model_name='assignment', name='assignment_kind'),
    ]
