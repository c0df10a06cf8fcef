from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('core', '0002_operations_say_from_where'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='operation',
            index=models.Index(fields=['serial'], name='operation_by_serial'),
        ),
    ]
