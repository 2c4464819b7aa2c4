"""Tests assert behaviour, with the real database, in the application's own logins."""

import os

# With lxml, which Word documents need, openpyxl writes workbooks otherwise than without; the crooked ones
# that tests make of them should be crooked in the same place everywhere.
os.environ["OPENPYXL_LXML"] = "False"
