"""What codes of the archive are called on pages; message ids, translated where they are shown."""

from lxsaas.core.messages import N_

SEXES = {"male": N_("boy"), "female": N_("girl")}
HEALTH = {
    "10": N_("healthy"),
    "20": N_("fair or weak"),
    "30": N_("chronic illness"),
    "40": N_("physical impairment"),
    "50": N_("disabled"),
}
RELATIONS = {
    "51": N_("father"),
    "52": N_("mother"),
    "57": N_("stepfather or adoptive father"),
    "58": N_("stepmother or adoptive mother"),
    "61": N_("paternal grandfather"),
    "62": N_("paternal grandmother"),
    "63": N_("maternal grandfather"),
    "64": N_("maternal grandmother"),
    "97": N_("other relative"),
    "99": N_("not related"),
}
KEEPERS = {code: name for code, name in RELATIONS.items() if code not in ("51", "52", "57", "58")}
"""Who may be entrusted with a child: not the parents themselves."""
PARENTS = {"father": N_("father"), "mother": N_("mother"), "unknown": N_("one parent (not known which)")}
KINDS = {"both": N_("both parents away"), "one": N_("one parent away")}
SOURCES = {"register": N_("register"), "survey": N_("survey"), "staff": N_("staff")}
IMPORT_STATES = {
    "uploaded": N_("waiting to be read"),
    "reading": N_("being read"),
    "previewed": N_("preview"),
    "applying": N_("being applied"),
    "applied": N_("applied"),
    "failed": N_("cannot be used"),
    "discarded": N_("discarded"),
}
_FIELDS = {
    "name": N_("Name"),
    "sex": N_("Sex"),
    "born_on": N_("Born on"),
    "class_code": N_("Class"),
    "left_behind": N_("Left behind by the register"),
    "identity_type": N_("Kind of document"),
    "identity_number": N_("Identity number"),
    "national_number": N_("Register number"),
    "seat_number": N_("Number in the class"),
    "ethnicity": N_("Ethnicity"),
    "health": N_("Health"),
    "disability": N_("Disability"),
    "is_rural": N_("Household"),
    "household_place": N_("Household registered at"),
    "is_boarding": N_("Boarding"),
    "is_orphan": N_("Orphan"),
    "needs_aid": N_("Asks for aid"),
    "receives_aid": N_("Receives aid"),
    "address": N_("Address"),
    "phone": N_("Telephone"),
    "is_enrolled": N_("Enrolled"),
}


def field(name: str) -> str:
    """What a field of the preview is called; a member of the family by one name."""
    return _FIELDS.get(name, N_("Family"))
