"""One column more, as every few weeks of a product's life brings it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("one_schema", "0001_initial")]
    operations = [migrations.AddField("pupil", "remark", models.TextField(null=True))]
