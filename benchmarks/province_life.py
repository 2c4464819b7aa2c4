"""What schools of a generated province organise: plans, class activities, children's homes, sessions."""

LIFE: tuple[str, ...] = ()
