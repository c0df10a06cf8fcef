# Read the rows that there are, without keeping anybody from writing.

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('providers', '0003_paper_trainings_name_a_role'),
    ]

    operations = [
        ValidateConstraint(model_name='stafftraining', name='training_role_is_of_paper'),
    ]
