"""The day at a site, which is the day that its nurses type and see.

A site has a time zone, by its IANA name; one without has the installation's (``Records.zone``):
SCREENING_TIME_ZONE, or None, which is the time zone that this machine is set to.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sqlalchemy import ColumnElement, Date, case, literal, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from screening.errors import ScreeningError
from screening.records.ledger.records import Records
from screening.records.storage.tables import CaseRow, SiteRow

FARTHEST_EAST = dt.timezone(dt.timedelta(hours=14))
"""The zone where a day begins first, and so the latest day that it can be anywhere."""
log = logging.getLogger(__name__)
T = TypeVar("T")
_OF_MACHINES = frozenset({"Factory", "localtime"})


class UnknownZoneError(ScreeningError):
    """A name is that of no time zone."""

    def __init__(self, name: str) -> None:
        """Repeat the name, and show how one looks."""
        super().__init__(f"“{name}” is no time zone; give one such as Europe/London")


@cache
def zone_names() -> tuple[str, ...]:
    """Every time zone that a site can have, in order."""
    return tuple(sorted(available_timezones() - _OF_MACHINES))


def read_zone(name: str) -> ZoneInfo:
    """The time zone of a name.

    Raises:
        UnknownZoneError: if there is none.
    """
    if name not in zone_names():
        raise UnknownZoneError(name)
    return ZoneInfo(name)


def installation_day(records: Records) -> dt.date:
    """The day where the service is run."""
    return records.now().astimezone(records.zone).date()


def latest_day(moment: dt.datetime) -> dt.date:
    """The latest day that it is anywhere at a moment."""
    return moment.astimezone(FARTHEST_EAST).date()


def zone_of(records: Records, row: SiteRow) -> dt.tzinfo | None:
    """The time zone of a site; that of the installation if somebody made it invalid.

    ``screening ledger verify`` names the row. The site's cases are not taken from anybody.
    """
    try:
        return ZoneInfo(row.time_zone) if row.time_zone else records.zone
    except (ValueError, TypeError, ZoneInfoNotFoundError, OSError):
        log.error("the time zone of site %s is invalid", row.id)  # noqa: TRY400 - no text of anybody's
        return records.zone


def site_zones(
    session: Session, records: Records, sites: Iterable[int]
) -> Mapping[int, dt.tzinfo | None]:
    """The time zones of some sites, by their numbers."""
    rows = session.scalars(select(SiteRow).where(SiteRow.id.in_(sorted(sites))))
    return {row.id: zone_of(records, row) for row in rows}


def case_zone(session: Session, records: Records, case_id: str) -> dt.tzinfo | None:
    """The time zone of a case's site; of a case that is not there the installation's."""
    here = select(SiteRow).join(CaseRow, CaseRow.site_id == SiteRow.id)
    row = session.scalar(here.where(CaseRow.id == case_id))
    return zone_of(records, row) if row else records.zone


def site_days(session: Session, records: Records, sites: Iterable[int]) -> dict[int, dt.date]:
    """The day that it is now at each of some sites."""
    now, zones = records.now(), site_zones(session, records, sites)
    return {site: now.astimezone(zone).date() for site, zone in zones.items()}


def days_of_cases(
    session: Session, records: Records, sites: Iterable[int]
) -> ColumnElement[dt.date]:
    """The day that it is now at each case's site, for a query over cases of these sites."""
    return by_site(site_days(session, records, sites), Date())


def by_site(values: Mapping[int, T], kind: TypeEngine[T]) -> ColumnElement[T]:
    """The value of each case's site, for a query over cases of these sites.

    Where all have the same it is a constant, so that the database can look it up in an index.
    """
    sites: dict[T, list[int]] = {}
    for site, value in values.items():
        sites.setdefault(value, []).append(site)
    if len(sites) <= 1:
        return literal(next(iter(sites), None), kind)
    return case(*((CaseRow.site_id.in_(some), literal(each, kind)) for each, some in sites.items()))
