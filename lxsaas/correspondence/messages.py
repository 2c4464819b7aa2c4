"""What is told about threads."""

from lxsaas.core.messages import N_, register

register(
    {
        "thread_title_missing": N_("Say in a few words what it is about."),
        "thread_text_missing": N_("Write something."),
        "thread_no_school": N_("Choose at least one school of the district."),
        "thread_due_missing": N_("Say by which day you want the answer."),
        "thread_due_past": N_("This day is over."),
        "thread_closed": N_("This thread is closed. Open it again to write."),
        "thread_not_closed": N_("This thread is open already."),
        "thread_not_yours": N_("Only the district closes and reopens what it has asked."),
        "thread_no_note": N_("Only a notice can be marked as read; answer a request."),
    }
)
