"""A school's children, their spells and records, with the indexes that our tables have."""

from django.db import models


class Pupil(models.Model):
    name = models.TextField()
    born_on = models.DateField()
    enrolled_on = models.DateField()
    left_on = models.DateField(null=True)
    remark = models.TextField(null=True)

    class Meta:
        db_table = "pupil"


class LeftBehindSpell(models.Model):
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT)
    definition = models.TextField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        db_table = "left_behind_spell"
        indexes = [models.Index(fields=["definition", "starts_on"], name="spell_definition")]


class CareRecord(models.Model):
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, db_index=False)
    recorded_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    occurred_on = models.DateField()
    kind = models.SmallIntegerField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "care_record"
        indexes = [
            models.Index(
                fields=["occurred_on"], include=["pupil", "kind"], name="care_day",
                condition=models.Q(withdrawn_at=None),
            ),
            models.Index(fields=["pupil", "occurred_on"], name="care_pupil"),
        ]  # fmt: skip


class Figure(models.Model):
    indicator = models.TextField()
    starts_on = models.DateField()
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField(null=True)

    class Meta:
        db_table = "figure"
        constraints = [models.UniqueConstraint(fields=["indicator", "starts_on"], name="figure_once")]
