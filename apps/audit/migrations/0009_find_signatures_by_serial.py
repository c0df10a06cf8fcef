from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('audit', '0008_seal_signatures'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(fields=['serial'], name='signature_by_serial'),
        ),
        ValidateConstraint(
            model_name='seal',
            name='seal_signatures_go_forward',
        ),
    ]
