"""The access review: the rights of all people, to read, print and sign, and as a file."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, current_app, flash, render_template, request, url_for

from screening.formats.referrals.csv_text import write_table
from screening.records.access import Permission
from screening.records.rights.access_review import (
    COLUMNS,
    UNUSED_DAYS,
    Access,
    Review,
    factors,
    last_review,
    read_access,
    record_review,
    table,
)
from screening.records.rights.grants import Grant
from screening.translation import gettext
from screening.web.accounts.authorization import actor, allowed
from screening.web.accounts.forms import ROLE_WORDS
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_instant
from screening.web.shell.responses import Page, see_other, table_response

blueprint = Blueprint("access_review", __name__, url_prefix="/people/review")


@blueprint.get("")
@allowed(Permission.REVIEW_ACCESS)
def page() -> str:
    """Every account with its rights."""
    reviewed = last_review(records())
    said = _signed(reviewed) if reviewed else ""
    lines = [_line(each) for each in _found()]
    return render_template("people/review.html", lines=lines, reviewed=said, days=_days())


@blueprint.post("")
@allowed(Permission.REVIEW_ACCESS)
def sign() -> Page:
    """Record that somebody reviewed the list."""
    if request.form.get("reviewed") != "yes":
        abort(HTTPStatus.BAD_REQUEST)
    record_review(records(), actor())
    flash(gettext("Recorded: you have reviewed this list."), "success")
    return see_other(url_for("access_review.page"))


@blueprint.get("/table.csv")
@allowed(Permission.REVIEW_ACCESS)
def export() -> Response:
    """The same as a file for a spreadsheet."""
    text = write_table(COLUMNS, table(_found()))
    return table_response(text, f"access-{page_context().today().isoformat()}.csv")


def _days() -> int:
    return current_app.config.get("UNUSED_DAYS") or UNUSED_DAYS


def _found() -> tuple[Access, ...]:
    return read_access(records(), actor(), _days())


def _signed(reviewed: Review) -> str:
    name = reviewed.by or gettext("somebody whose name cannot be read")
    if reviewed.at is None:
        return gettext("{name}, at a time that cannot be read", name=name)
    return gettext("{name}, {when}", name=name, when=words_of_instant(reviewed.at))


def _last(found: Access) -> str:
    if found.last_sign_in:
        return words_of_instant(found.last_sign_in)
    return gettext("cannot be read") if found.lost_sign_in else gettext("never")


def _since(given: Grant) -> str:
    return words_of_instant(given.at) if given.at else gettext("time cannot be read")


def _line(found: Access) -> dict[str, object]:
    person, given = found.person, found.given
    return {
        "name": person.name,
        "email": person.email,
        "active": person.active,
        "roles": ", ".join(words for role, words in ROLE_WORDS.items() if role in person.roles),
        "sites": ", ".join(site.name for site in person.sites),
        "since": _since(given) if given else "",
        "by": (given.by or gettext("somebody whose name cannot be read"))
        if given
        else gettext("not recorded"),
        "approved": given.approved_by if given else "",
        "last": _last(found),
        "factors": factors(person),
        "notes": found.notes,
    }
