"""Who may do what: roles, what each of them permits, and the sites whose cases a person may see."""

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What a person is here. One person may have several."""

    NURSE = "nurse"
    LEAD_NURSE = "lead-nurse"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(Enum):
    """Something that a role allows. What no role allows is denied."""

    VIEW = "view"  # read cases of one's sites
    SCREEN = "screen"  # add cases, answer, chase, assess
    REVIEW = "review"  # decide upon an assessment
    OVERRIDE = "override"  # decide otherwise than the computed outcome says
    EXPORT = "export"  # take many cases out at once
    ERASE = "erase"  # destroy a case's key
    AUDIT = "audit"  # read the ledger
    NUMBERS = "numbers"  # read counts over many cases
    ADMINISTER = "administer"  # people and sites


_CASEWORK = frozenset({Permission.VIEW, Permission.SCREEN, Permission.REVIEW})
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.NURSE: _CASEWORK,
    Role.LEAD_NURSE: _CASEWORK
    | {Permission.OVERRIDE, Permission.EXPORT, Permission.ERASE, Permission.NUMBERS},
    Role.AUDITOR: frozenset(
        {Permission.VIEW, Permission.EXPORT, Permission.AUDIT, Permission.NUMBERS}
    ),
    Role.ADMINISTRATOR: frozenset({Permission.ADMINISTER}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person who acts, as far as records need to know."""

    id: int
    name: str
    roles: frozenset[Role]
    sites: frozenset[int]

    def may(self, permission: Permission) -> bool:
        """Whether one of the person's roles allows it."""
        return any(permission in GRANTS[role] for role in self.roles)
