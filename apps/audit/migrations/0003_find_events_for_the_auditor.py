import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('audit', '0002_seals_and_origins'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='event',
            index=models.Index(condition=models.Q(('actor_kind', 'person')), fields=['actor_id', 'occurred_at'], name='event_of_person'),
        ),
        AddIndexConcurrently(
            model_name='event',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['occurred_at'], name='event_by_time'),
        ),
        AddIndexConcurrently(
            model_name='event',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('patient_ids__isnull', False)), fields=['patient_ids'], name='event_of_listed'),
        ),
    ]
