"""What is told about the archive and the register."""

from lxsaas.core.messages import N_, register

register(
    {
        "rows_rejected": N_("%(count)s rows are rejected; correct them, or take the valid rows alone."),
        "no_row_valid": N_("No row of this sheet can be taken. Correct the sheet and upload it again."),
        "file_unreadable": N_("The file %(path)s cannot be read."),
        "import_state": N_("This import is not ready for that."),
        "school_unknown": N_("There is no school %(slug)s."),
    }
)
