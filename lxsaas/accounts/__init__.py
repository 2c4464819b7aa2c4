"""Staff, roles and sign-in at a school's or a district's own address."""
