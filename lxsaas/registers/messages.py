"""The sentences for what registers refuse."""

from lxsaas.core.messages import N_, register

register(
    {
        "row_stale": N_(
            "Somebody has changed this in the meantime. Look at what is there now and make your change again."
        ),
        "row_withdrawn": N_("This was withdrawn in the meantime and cannot be changed any more."),
        "too_long_ago": N_("This day is more than ten years ago; check the date."),
        "too_far": N_("This day is more than two years away; check the date."),
        "before_birth": N_("This day lies before the child's birth."),
        "in_future": N_("This day has not come yet."),
        "ends_before_start": N_("The end lies before the beginning."),
        "reason_required": N_("Say why."),
        "reason_too_long": N_("The reason is longer than %(limit)s characters."),
        "file_kind": N_("Only photos (JPEG, PNG, WebP) and PDF documents can be kept."),
        "file_large": N_("A file may have %(megabytes)s MB at most."),
        "file_broken": N_("This file cannot be read; take the photo again or choose another file."),
        "file_active": N_(
            "This document holds scripts or other files and is not kept; print it to PDF anew."
        ),
        "files_many": N_("No more than %(limit)s files belong to one entry."),
    }
)
