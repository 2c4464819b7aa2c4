"""What a child's page leads to: features above this one add their pages here when they are imported."""

from collections.abc import Collection
from dataclasses import dataclass

from lxsaas.core.permissions import Permission


@dataclass(frozen=True)
class Section:
    """A page about one child; its endpoint takes `pupil_id`."""

    endpoint: str
    label: object
    """A lazy text."""
    icon: str
    permission: Permission
    of_file: bool = False
    """Only for those who keep the child's whole file (P8)."""


_sections: list[Section] = []


def add_section(section: Section) -> None:
    """Adds a page to those to which each child's page leads; the same endpoint once."""
    if all(one.endpoint != section.endpoint for one in _sections):
        _sections.append(section)


def sections_for(permissions: Collection[Permission], *, keeps: bool) -> list[Section]:
    """The pages that somebody with these permissions may open, in the order of the features.

    `keeps`: whether it is a child whose whole file somebody keeps.
    """
    return [one for one in _sections if one.permission in permissions and (keeps or not one.of_file)]
