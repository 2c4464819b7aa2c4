"""Every page of the child's file; imported for the routes that they register."""

from lxsaas.archive import class_views, edit_views, file_views, rights_views

__all__ = ["class_views", "edit_views", "file_views", "rights_views"]
