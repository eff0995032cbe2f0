"""Sites: the places whose nurses see the same cases."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.records.access import Actor
from screening.records.errors import NobodyError
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import read_zone
from screening.records.people.administration import TakenError, admin_transaction, append_event
from screening.records.storage.tables import SiteRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place whose nurses see the same cases; without a time zone it has the installation's."""

    id: int
    name: str
    time_zone: str | None = None


def sites(records: Records) -> tuple[Site, ...]:
    """All sites, by name."""
    with records.database.reading() as session:
        rows = session.scalars(select(SiteRow).order_by(SiteRow.name))
        return tuple(map(site_of, rows))


def add_site(records: Records, actor: Actor, name: str, time_zone: str | None = None) -> int:
    """Add a site; gives its number.

    Raises:
        TakenError: if a site has the name.
        UnknownZoneError: if there is no such time zone.
    """
    _check_zone(time_zone)
    with admin_transaction(records, actor) as session:
        _check_free(session, name)
        row = SiteRow(name=name, time_zone=time_zone)
        session.add(row)
        session.flush()
        append_event(session, records, actor, EventKind.SITE_ADDED, f"sites/{row.id}")
        return row.id


def change_site(
    records: Records, actor: Actor, site: int, name: str, time_zone: str | None
) -> None:
    """Give a site this name and time zone.

    Raises:
        NobodyError: if there is no such site.
        TakenError: if another site has the name.
        UnknownZoneError: if there is no such time zone.
    """
    _check_zone(time_zone)
    with admin_transaction(records, actor) as session:
        row = session.get(SiteRow, site)
        if row is None:
            raise NobodyError(site)
        if row.name != name:
            _check_free(session, name)
        if (row.name, row.time_zone) != (name, time_zone):
            row.name, row.time_zone = name, time_zone
            append_event(session, records, actor, EventKind.SITE_CHANGED, f"sites/{site}")


def site_of(row: SiteRow) -> Site:
    """The site of a row."""
    return Site(id=row.id, name=row.name, time_zone=row.time_zone)


def _check_free(session: Session, name: str) -> None:
    """Make sure that no site has a name, however it is written."""
    taken = session.scalars(select(SiteRow.name))
    if any(each.casefold() == name.casefold() for each in taken):
        raise TakenError(name)


def _check_zone(name: str | None) -> None:
    if name is not None:
        read_zone(name)
