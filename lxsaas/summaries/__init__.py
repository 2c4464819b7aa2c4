"""The annual summary of a school and of a district (P31): a year's figures, words around them, a document."""
