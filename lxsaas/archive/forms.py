"""Forms of the child's file: the profile, basic data, members of the family, and those of its registers."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from lxsaas.archive import law
from lxsaas.pupils import labels
from lxsaas.pupils.phones import is_phone, normal_phone
from lxsaas.registers.forms import SHORT, ChoicesField, RegisterForm, choice, day, line, long_text, tick

SHORT_TEXT = 500
"""Characters of a text on a child that is printed on its card."""


class PhoneField(StringField):
    """A telephone; a number that can be dialled is kept in its normal form, any other as it was typed."""

    def __init__(self, label: object, *, optional: bool = False, **more: Any) -> None:
        first = Optional() if optional else InputRequired(lazy_gettext("This is required."))
        long = Length(max=40, message=lazy_gettext("No more than %(max)d characters, please."))
        super().__init__(label, validators=[first, long, _dialled], **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        number = normal_phone(typed)
        self.data = number if number and is_phone(number) else typed or None


class YesNoField(SelectField):
    """Yes, no, or not known."""

    def __init__(self, label: object, yes: object, no: object, **more: Any) -> None:
        options = [SelectChoice("", lazy_gettext("not known")), SelectChoice("1", yes), SelectChoice("0", no)]
        super().__init__(label, choices=options, validators=[Optional()], **more)
        # Looks like any other select.
        self.type = "SelectField"

    def process_data(self, value: object) -> None:
        self.data = "" if value is None else "1" if value else "0"

    @property
    def truth(self) -> bool | None:
        """What was chosen; None for not known."""
        return {"1": True, "0": False}.get(self.data)


class TruthForm(RegisterForm):
    """A form with fields of yes, no and not known."""

    def values(self) -> dict[str, Any]:
        """What was entered; such fields as truth values."""
        given = super().values()
        return given | {one.short_name: one.truth for one in self if isinstance(one, YesNoField)}


class ProfileForm(TruthForm):
    """What the register does not know."""

    lives_with = choice(lazy_gettext("Lives with"), law.LIVES_WITH, optional=True)
    guardianship = choice(
        lazy_gettext("Guardianship"),
        law.GUARDIANSHIP,
        optional=True,
        description=lazy_gettext("How well the duties of a guardian are met, for the term’s statistics."),
    )
    is_registered = YesNoField(
        lazy_gettext("Household registration"),
        lazy_gettext("registered as a resident"),
        lazy_gettext("not registered"),
        description=lazy_gettext("Needed only where there is neither an identity number nor a place."),
    )
    character = long_text(lazy_gettext("Character"), optional=True, limit=SHORT_TEXT)
    interests = long_text(lazy_gettext("Interests"), optional=True, limit=SHORT_TEXT)
    health = long_text(
        lazy_gettext("State of health"),
        optional=True,
        limit=SHORT_TEXT,
        description=lazy_gettext("What teachers must heed: eyes, asthma, heart, food."),
    )
    history = long_text(lazy_gettext("Past illnesses, allergies, medicines"), optional=True, limit=SHORT_TEXT)
    no_history = tick(lazy_gettext("Asked: there are none"))


class BasicsForm(TruthForm):
    """What the register may have left open of a child itself."""

    identity = line(lazy_gettext("Identity number"), optional=True, limit=30)
    address = line(lazy_gettext("Address"), optional=True, limit=200)
    phone = PhoneField(lazy_gettext("Telephone"), optional=True)
    is_rural = YesNoField(lazy_gettext("Household"), lazy_gettext("rural"), lazy_gettext("urban"))
    is_boarding = YesNoField(
        lazy_gettext("Boarding"), lazy_gettext("boards at the school"), lazy_gettext("day pupil")
    )
    health = choice(lazy_gettext("Health, as the register codes it"), labels.HEALTH, optional=True)
    is_orphan = YesNoField(lazy_gettext("Orphan"), lazy_gettext("yes"), lazy_gettext("no"))
    needs_aid = YesNoField(lazy_gettext("Needs aid"), lazy_gettext("yes"), lazy_gettext("no"))
    receives_aid = YesNoField(lazy_gettext("Receives aid"), lazy_gettext("yes"), lazy_gettext("no"))

    def values(self) -> dict[str, Any]:
        given = super().values()
        return given | {"identity": "".join((given["identity"] or "").split()).upper() or None}


class MemberForm(TruthForm):
    """A member of the family."""

    name = line(lazy_gettext("Name"), limit=50)
    relation = choice(lazy_gettext("Relation"), labels.RELATIONS)
    phone = PhoneField(lazy_gettext("Telephone"), optional=True)
    workplace = line(
        lazy_gettext("Place of work"),
        optional=True,
        limit=SHORT,
        description=lazy_gettext("Province, town and employer, as far as known."),
    )
    duty = line(lazy_gettext("Occupation"), optional=True, limit=50)
    address = line(lazy_gettext("Address"), optional=True, limit=200)
    is_guardian = YesNoField(lazy_gettext("Guardian"), lazy_gettext("yes"), lazy_gettext("no"))
    is_at_home = YesNoField(lazy_gettext("Lives with the child"), lazy_gettext("yes"), lazy_gettext("no"))
    is_gone = tick(lazy_gettext("Dead, or out of touch for good"))
    is_checked = tick(lazy_gettext("Telephone and place of work checked today"))

    def values(self) -> dict[str, Any]:
        given = super().values()
        del given["is_checked"]
        return given


class TemporaryForm(RegisterForm):
    """Who looks after the child for a time."""

    name = line(lazy_gettext("Name"), limit=50)
    relation = choice(lazy_gettext("Relation"), labels.RELATIONS)
    phone = PhoneField(lazy_gettext("Telephone"))
    address = line(lazy_gettext("Address"), optional=True, limit=200)
    starts_on = day(lazy_gettext("From"))
    ends_on = day(
        lazy_gettext("Until"),
        optional=True,
        description=lazy_gettext("The first day on which it is no longer so."),
    )


class EntrustmentForm(RegisterForm):
    """Whom the parents entrust, and what the law wants checked (P36)."""

    given_by = choice(lazy_gettext("Told by"), law.GIVEN_BY)
    notice_on = day(lazy_gettext("Day of the written notice"))
    name = line(lazy_gettext("Who is entrusted"), limit=50)
    relation = choice(lazy_gettext("Relation to the child"), labels.KEEPERS)
    phone = PhoneField(lazy_gettext("Telephone"))
    address = line(lazy_gettext("Address"), limit=200)
    starts_on = day(lazy_gettext("From"))
    ends_on = day(
        lazy_gettext("Until"), description=lazy_gettext("The first day on which it is no longer so.")
    )
    cleared = ChoicesField(
        lazy_gettext("Checked, as the law wants it (Minors Protection Law, art. 22)"),
        choices=[SelectChoice(code, lazy_gettext(point)) for code, point in law.POINTS.items()],
        validators=[InputRequired(lazy_gettext("Confirm each point."))],
    )
    child_heard = tick(lazy_gettext("The child was heard"))
    child_view = long_text(lazy_gettext("What the child said"), optional=True, limit=SHORT_TEXT)


class ConsentForm(RegisterForm):
    """A guardian's yes to one purpose, and its end."""

    purpose = choice(lazy_gettext("Purpose"), {code: one.name for code, one in law.PURPOSES.items()})
    given_by = line(lazy_gettext("Given by"), limit=50)
    relation = choice(lazy_gettext("Relation to the child"), labels.RELATIONS)
    given_on = day(lazy_gettext("Given on"))
    revoked_on = day(lazy_gettext("Revoked on"), optional=True)

    def values(self) -> dict[str, Any]:
        """With the version of the text that lies before the guardian; a change keeps the first one."""
        given = super().values()
        if self.seen_version:
            return given
        return given | {"text_version": law.PURPOSES[given["purpose"]].version}


class CorrectionForm(RegisterForm):
    """A guardian's request, and the school's answer."""

    kind = choice(lazy_gettext("What is asked"), law.REQUESTS)
    asked_by = line(lazy_gettext("Asked by"), limit=50)
    relation = choice(lazy_gettext("Relation to the child"), labels.RELATIONS)
    asked_on = day(lazy_gettext("Asked on"))
    words = long_text(lazy_gettext("What is wrong, and what it should be"), limit=SHORT_TEXT)
    outcome = choice(lazy_gettext("Decision"), law.OUTCOMES, optional=True)
    decided_on = day(lazy_gettext("Decided on"), optional=True)
    answer = long_text(
        lazy_gettext("Answer to the guardian"),
        optional=True,
        limit=SHORT_TEXT,
        description=lazy_gettext("A refusal needs its reason."),
    )


def _dialled(_form: object, field: Any) -> None:
    number = normal_phone(field.data)
    if number and not is_phone(number):
        raise ValidationError(
            gettext(
                "This is no telephone number: a mobile has 11 digits, a fixed line its area code and 7 or 8"
                " digits."
            )
        )
