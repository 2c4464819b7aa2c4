"""What is told about districts, schools and terms."""

from lxsaas.core.messages import N_, register

register(
    {
        "slug_invalid": N_(
            "An address has 1 to 40 lower-case letters, digits and hyphens: %(slug)s does not fit."
        ),
        "slug_taken": N_("The address %(slug)s is taken."),
        "name_required": N_("A name is required."),
        "timezone_unknown": N_("There is no time zone %(timezone)s."),
        "register_code_invalid": N_("The register's 学校标识码 has ten digits: %(code)s does not fit."),
        "register_code_taken": N_("Another school has the 学校标识码 %(code)s."),
        "district_unknown": N_("There is no district %(slug)s."),
        "school_unknown": N_("There is no school %(slug)s."),
        "term_unknown": N_("There is no term %(name)s."),
        "filing_before_term": N_("The statistics of a term are due after it begins."),
        "term_days": N_("A term ends after it starts and overlaps no other."),
    }
)
