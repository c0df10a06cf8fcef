from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_scopes_of_clients'),
    ]

    operations = [
        ValidateConstraint(
            model_name='apiclient',
            name='client_scopes_are_known',
        ),
    ]
