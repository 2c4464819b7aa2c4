"""The sentences for what exams and the portfolio refuse."""

from lxsaas.core.messages import N_, register

register(
    {
        "exam_twice": N_("This class has an exam of this name on this day already."),
        "exam_in_future": N_("This day has not come yet."),
        "exam_too_old": N_("This day is more than %(years)s years ago; check the date."),
        "exam_no_class": N_("Choose at least one class."),
        "subject_line": N_("Line %(line)s is no subject with its full marks, such as “语文 100”."),
        "subject_twice": N_("The subject %(name)s stands twice."),
        "subjects_none": N_("Name at least one subject."),
        "subjects_many": N_("No more than %(limit)s subjects."),
        "subject_in_use": N_("There are marks in %(name)s: the subject cannot be taken away."),
        "full_marks_in_use": N_("There are higher marks in %(name)s than the new full marks."),
        "score_form": N_("Not a mark: type a number, or 缺 for absent."),
        "score_decimals": N_("One decimal at most."),
        "score_over": N_("More than the full marks of %(full)s."),
        "score_stale": N_("Somebody entered %(now)s here in the meantime. Send again to replace it."),
        "scores_stale": N_(
            "Somebody else has entered marks in the meantime; nothing was saved. See the marked cells."
        ),
        "rule_range": N_("Give a whole number from 1 to 100."),
        "sheet_empty": N_("There is nothing to read in it."),
        "sheet_columns": N_("No column of a subject was found: headings must be named as the subjects are."),
        "sheet_long": N_("No more than %(limit)s lines."),
        "entry_in_future": N_("This day has not come yet."),
        "entry_before_birth": N_("This day lies before the child was born."),
        "entry_empty": N_("Write something, or add a photo."),
    }
)

LINE_PROBLEMS = {
    "unknown": N_("no child of this name in the class: %(value)s"),
    "ambiguous": N_("several children are called %(value)s: add the number in the class"),
    "seat_unknown": N_("no child with the number %(value)s in the class"),
    "seat_other": N_("number and name belong to two children: %(value)s"),
    "twice": N_("the same child as in line %(value)s"),
    "columns": N_("not as many marks as subjects"),
    "score": N_("not a mark: %(value)s"),
}
"""What is wrong with a line of a pasted or imported sheet."""

ENTRY_KINDS = {
    "conduct": N_("Daily conduct"),
    "mood": N_("Mood"),
    "evaluation": N_("Evaluation"),
    "work": N_("Work of the child"),
    "photo": N_("Photo"),
}
"""What an entry of the portfolio is about."""
