"""Roles, what each of them permits, and the sites whose cases a person may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """The kind of work that a person does here. One person may have several."""

    NURSE = "nurse"
    LEAD_NURSE = "lead-nurse"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(Enum):
    """Something that a role allows. What no role allows is denied."""

    VIEW = "view"  # read cases of one's sites
    SCREEN = "screen"  # add cases, answer, chase, assess
    REVIEW = "review"  # decide on an assessment
    OVERRIDE = "override"  # decide differently from the computed outcome
    EXPORT = "export"  # take many cases out at once
    AUDIT = "audit"  # read the ledger
    NUMBERS = "numbers"  # read counts over many cases
    ACTIVATE = "activate"  # propose and approve rules for use here
    ADMINISTER = "administer"  # people and sites
    REVIEW_ACCESS = "review access"  # read who has which rights


_CASEWORK = frozenset({Permission.VIEW, Permission.SCREEN, Permission.REVIEW})
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.NURSE: _CASEWORK,
    Role.LEAD_NURSE: _CASEWORK
    | {Permission.OVERRIDE, Permission.EXPORT}
    | {Permission.NUMBERS, Permission.ACTIVATE},
    Role.AUDITOR: frozenset({Permission.VIEW, Permission.EXPORT, Permission.AUDIT})
    | {Permission.NUMBERS, Permission.ACTIVATE, Permission.REVIEW_ACCESS},
    Role.ADMINISTRATOR: frozenset({Permission.ADMINISTER, Permission.REVIEW_ACCESS}),
}


_ROLES = {role.value: role for role in Role}


def known_roles(names: Iterable[str]) -> frozenset[Role]:
    """The roles with these names; a name that somebody changed in the database gives no role."""
    return frozenset(_ROLES[name] for name in names if name in _ROLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person who acts, as far as records need to know.

    ``emergency_cases`` are cases of other sites that are open to the person for now, see
    ``emergency_access``.
    """

    id: int
    name: str
    roles: frozenset[Role]
    sites: frozenset[int]
    emergency_cases: frozenset[str] = frozenset()

    def may(self, permission: Permission) -> bool:
        """True if one of the person's roles allows it."""
        return any(permission in GRANTS[role] for role in self.roles)

    def may_see(self, case_id: str, site_id: int) -> bool:
        """True if the person may see a case; one of another site only while it is opened."""
        if not self.may(Permission.VIEW):
            return False
        in_emergency = case_id in self.emergency_cases and Role.ADMINISTRATOR not in self.roles
        return site_id in self.sites or in_emergency
