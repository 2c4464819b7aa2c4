"""Districts, townships, schools, terms and classes: reference data, no child."""
