"""The operator's commands on the installation itself; features bring their own in `<feature>/commands.py`."""
