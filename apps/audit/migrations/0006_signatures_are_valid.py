from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0005_sign_with_a_one_time_code'),
    ]

    operations = [
        ValidateConstraint(model_name='signature', name='signature_meaning_is_known'),
        ValidateConstraint(model_name='signature', name='signature_method_is_known'),
        ValidateConstraint(model_name='signature', name='signature_with_components_has_account'),
        ValidateConstraint(model_name='signature', name='signature_by_code_names_it'),
    ]
