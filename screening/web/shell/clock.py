"""The day and the hour for the person who sees a page.

A page of a case is dated by the clock of the case's site, another page of casework by that of the
person's sites. On pages without an account it is the day in the browser, which a script sends.
Nobody's own date may be refused there: without the script it is the latest day that it is anywhere.
"""

import datetime as dt
from collections.abc import Mapping
from typing import cast

from flask import current_app, g, has_request_context, request
from flask_login import current_user

from screening.records.ledger import records as store
from screening.records.ledger import site_days
from screening.records.ledger.records import Records

FIELD = "browser_day"
"""The name of the field that holds the day in the browser, as YYYY-MM-DD."""
_ONE_DAY = dt.timedelta(days=1)
_WITHOUT_ACCOUNT = frozenset({"patient", "sheet_file", "answer_file", "nurse"})


def today() -> dt.date:
    """The day for the page of this request."""
    if request.blueprint in _WITHOUT_ACCOUNT and request.method == "POST":
        return browser_day(request.form.get(FIELD, ""), _now())
    return local(_now()).date()


def today_at(site_id: int) -> dt.date:
    """The day at a site of the person who is signed in."""
    configured = current_app.config["TODAY"]
    if configured is not today:
        return cast("dt.date", configured())
    return _now().astimezone(_sites().get(site_id, _installation())).date()


def local(moment: dt.datetime) -> dt.datetime:
    """A moment by the clock of the page of this request; outside of one by this machine's."""
    return moment.astimezone(_zone() if has_request_context() else None)


def local_day(moment: dt.datetime) -> dt.date:
    """The day of a moment by the same clock."""
    return local(moment).date()


def date_by(site_id: int) -> None:
    """Date the page of this request by a site of the person who is signed in, which is known."""
    if site_id in (known := _sites()):
        g.zone = known[site_id]


def browser_day(said: str, now: dt.datetime) -> dt.date:
    """The day in a browser that says so.

    Args:
        said: what the field holds; empty without a script.
        now: the moment.

    Returns:
        That day, if it can be the day somewhere. If it cannot, the browser's clock is wrong, and it
        is the installation's day.
    """
    if not said:
        return site_days.latest_day(now)
    try:
        day = dt.date.fromisoformat(said)
    except ValueError:
        day = dt.date.min
    here = now.astimezone(dt.UTC).date()
    return day if abs(day - here) <= _ONE_DAY else now.astimezone(_installation()).date()


def _zone() -> dt.tzinfo | None:
    if "zone" not in g:
        g.zone = _case_zone() if "case_id" in (request.view_args or {}) else _shared_zone()
    return cast("dt.tzinfo | None", g.zone)


def _case_zone() -> dt.tzinfo | None:
    records, case_id = _records(), (request.view_args or {})["case_id"]
    if records is None:
        return None
    with records.database.reading() as session:
        return site_days.case_zone(session, records, case_id)


def _shared_zone() -> dt.tzinfo | None:
    """The time zone of the person's sites, if they share one; else the installation's."""
    found = set(_sites().values())
    return found.pop() if len(found) == 1 else _installation()


def _sites() -> Mapping[int, dt.tzinfo | None]:
    records = _records()
    if records is None or request.blueprint in _WITHOUT_ACCOUNT:
        return {}
    return {
        site.id: site_days.zone_of(records, site) for site in getattr(current_user, "sites", ())
    }


def _now() -> dt.datetime:
    records = _records()
    return records.now() if records else store.now()


def _installation() -> dt.tzinfo | None:
    records = _records()
    return records.zone if records else None


def _records() -> Records | None:
    return cast("Records | None", current_app.extensions.get("records"))
