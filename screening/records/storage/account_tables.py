"""The tables of people: accounts, their roles and sites, and their passkeys.

The columns are those that Flask-Security needs; this is the one module of records that loads it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from screening.records import access
from screening.records.access import Actor
from screening.records.storage.tables import UNCOVERED, Base, IdentityRow, SiteRow


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Let a library that can do without a module load without it, if nobody else has loaded it."""
    held = module not in sys.modules
    if held:
        sys.modules[module] = None  # type: ignore[assignment]  # so Python says: not installed
    try:
        yield
    finally:
        if held:
            del sys.modules[module]


with _without("authlib"):  # for sign-in by other services, which ``web.accounts.oidc`` does itself
    from flask_security import AsaList
    from flask_security.models import sqla

COUNTERS = {
    "roles": ("update_datetime",),
    "users": (
        *("last_login_at", "current_login_at", "last_login_ip", "current_login_ip"),
        *("login_count", "update_datetime"),
    ),
    "passkeys": ("sign_count", "lastuse_datetime"),
}
"""Columns that say when an account was last used; each sign-in is an event of its own."""

sqla.FsModels.set_db_info(  # type: ignore[no-untyped-call]  # it declares no types
    base_model=Base,
    user_table_name="users",
    role_table_name="roles",
    webauthn_table_name="passkeys",
)

users_sites = Table(
    "users_sites",
    Base.metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
)


class Role(Base, sqla.FsRoleMixin):
    """A role, by the name of an ``access.Role``."""

    __tablename__ = "roles"


class User(Base, sqla.FsUserMixin):
    """A person's account. It is never deleted, because records name it; it is made inactive."""

    __tablename__ = "users"
    name: Mapped[str] = mapped_column(String(120))
    sites: Mapped[list[SiteRow]] = relationship(secondary=users_sites, order_by=SiteRow.name)

    identities: Mapped[list[IdentityRow]] = relationship(viewonly=True)

    def actor(self) -> Actor:
        """The person as records know them."""
        return Actor(
            id=self.id,
            name=self.name,
            roles=access.known_roles(role.name for role in self.roles),
            sites=frozenset(site.id for site in self.sites),
        )


class WebAuthn(Base, sqla.FsWebAuthnMixin):
    """A passkey."""

    __tablename__ = "passkeys"


AsaList.cache_ok = True  # it has no state, and statements that name it may be kept
for _table, _names in COUNTERS.items():
    for _name in _names:
        Base.metadata.tables[_table].columns[_name].info.update(UNCOVERED)
