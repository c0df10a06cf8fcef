from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0010_sign_late_dispenses_and_trainings'),
    ]

    operations = [
        ValidateConstraint(
            model_name='signature',
            name='signature_meaning_is_known',
        ),
    ]
