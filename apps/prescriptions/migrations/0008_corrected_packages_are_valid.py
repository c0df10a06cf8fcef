# Read the rows that there are, without keeping anybody from writing.

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('prescriptions', '0007_correct_packages'),
    ]

    operations = [
        ValidateConstraint(model_name='dispense', name='dispense_lot_was_another'),
        ValidateConstraint(model_name='dispense', name='dispense_ndc_was_another'),
    ]
