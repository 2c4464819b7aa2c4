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
    "61": N_("paternal grandfather"),
    "62": N_("paternal grandmother"),
    "63": N_("maternal grandfather"),
    "64": N_("maternal grandmother"),
    "97": N_("other relative"),
    "99": N_("not related"),
}
PARENTS = {"father": N_("father"), "mother": N_("mother"), "unknown": N_("one parent (not known which)")}
KINDS = {"both": N_("both parents away"), "one": N_("one parent away")}
SOURCES = {"register": N_("register"), "survey": N_("survey"), "staff": N_("staff")}
