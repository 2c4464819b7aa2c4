"""What previews are filled with: names and days that everybody sees to be invented."""

from lxsaas.core.messages import N_

SCHOOL = N_("Sample Primary School")
TEACHER, OTHER_TEACHER = N_("Teacher Sample"), N_("Teacher Example")
CHILD, PARENT = N_("Child Sample"), N_("Parent Sample")
DAY, YEAR = N_("1 September 2026"), "2026–2027"
CLASS = N_("Grade 3, class 1 (sample)")
WORDS = N_("Here stand your words; this paragraph is a sample.")
PLACE = N_("Meeting room (sample)")
SHORT = N_("sample")
