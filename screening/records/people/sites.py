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

LONGEST_LINES = 500
"""The characters that the head, or the foot, of a site's letters may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place whose nurses see the same cases; without a time zone it has the installation's.

    ``letter_head`` and ``letter_foot`` are lines that are printed on its letters.
    """

    id: int
    name: str
    time_zone: str | None = None
    letter_head: str = ""
    letter_foot: str = ""


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


def find_site(records: Records, number: int) -> Site | None:
    """The site with this number; None if there is none."""
    with records.database.reading() as session:
        row = session.get(SiteRow, number)
        return site_of(row) if row else None


def change_site(records: Records, actor: Actor, wanted: Site) -> None:
    """Change the name, time zone and letter lines of a site.

    Raises:
        NobodyError: if there is no such site.
        TakenError: if another site has the name.
        UnknownZoneError: if there is no such time zone.
    """
    _check_zone(wanted.time_zone)
    with admin_transaction(records, actor) as session:
        row = session.get(SiteRow, wanted.id)
        if row is None:
            raise NobodyError(wanted.id)
        if row.name != wanted.name:
            _check_free(session, wanted.name)
        if site_of(row) != wanted:
            row.name, row.time_zone = wanted.name, wanted.time_zone
            row.letter_head = wanted.letter_head or None
            row.letter_foot = wanted.letter_foot or None
            append_event(session, records, actor, EventKind.SITE_CHANGED, f"sites/{wanted.id}")


def site_of(row: SiteRow) -> Site:
    """The site of a row."""
    return Site(
        id=row.id,
        name=row.name,
        time_zone=row.time_zone,
        letter_head=row.letter_head or "",
        letter_foot=row.letter_foot or "",
    )


def _check_free(session: Session, name: str) -> None:
    """Make sure that no site has a name, however it is written."""
    taken = session.scalars(select(SiteRow.name))
    if any(each.casefold() == name.casefold() for each in taken):
        raise TakenError(name)


def _check_zone(name: str | None) -> None:
    if name is not None:
        read_zone(name)
