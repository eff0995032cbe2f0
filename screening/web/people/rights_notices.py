"""Changes of rights that a person has not seen yet; administrators see those of everybody."""

from collections.abc import Mapping

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from screening.records.people.rights_steps import Action, Step
from screening.records.people.sites import sites
from screening.records.rights.rights_notices import (
    RightsNotice,
    count_new_notices,
    damaged_notices,
    new_notices,
    note_one_seen,
    note_seen,
)
from screening.translation import Phrases, gettext, mark
from screening.web.accounts.authorization import actor, signed_in
from screening.web.people.proposals import changes_rights, rights_words
from screening.web.shell.context import records
from screening.web.shell.dates import words_of_instant
from screening.web.shell.responses import see_other
from screening.web.shell.write_keys import posted_number

blueprint = Blueprint("rights_notices", __name__, url_prefix="/people/changes")
OPENED = mark("Password link opened with its code")
DAMAGED = mark("Its record cannot be read: it was changed outside the application.")
SEEN = mark("Recorded: you have seen all changes of rights.")
DONE_WORDS = Phrases(
    {
        Action.ADD: "Account added",
        Action.RIGHTS: "Roles and sites changed",
        Action.ACTIVATE: "Account made active again",
        Action.DEACTIVATE: "Account made inactive",
        Action.LINK: "Password link made",
        Action.FACTOR: "Authenticator app, recovery codes and passkeys removed",
        Action.UNLINK: "Disconnected from single sign-on",
    }
)


@blueprint.get("")
@signed_in
def page() -> str:
    """Show the changes that the person has not seen yet."""
    names = {site.id: site.name for site in sites(records())}
    found = new_notices(records(), actor())
    damaged = damaged_notices(records(), actor())
    lines = [*(_line(each, names) for each in found), *map(_damaged, damaged)]
    upto = max((*(each.number for each in found), *damaged), default=0)
    return render_template("people/changes.html", lines=lines, upto=upto)


@blueprint.post("")
@signed_in
def mark_seen() -> Response:
    """Record that the person has seen one change, or all up to a number."""
    if "one" in request.form:
        note_one_seen(records(), actor(), posted_number("one"))
    else:
        note_seen(records(), actor(), posted_number("number"))
    left = count_new_notices(records(), actor())
    if not left:
        flash(gettext(SEEN), "success")
    return see_other(url_for("rights_notices.page" if left else "own_account.page"))


def _damaged(number: int) -> dict[str, object]:
    return {
        "number": number,
        **dict.fromkeys(("own", "before", "after", "by", "at"), ""),
        "name": gettext("Change {number}", number=number),
        "what": gettext(DAMAGED),
    }


def _line(told: RightsNotice, names: Mapping[int, str]) -> dict[str, object]:
    change, opened = told.change, told.step is Step.OPENED  # to open a link changes no rights
    by = told.by
    if told.proposed_by:
        by = gettext("{proposer}, approved by {name}", proposer=told.proposed_by, name=told.by)
    return {
        "number": told.number,
        "own": told.own,
        "name": told.name,
        "what": gettext(OPENED) if opened else DONE_WORDS[change.action],
        "before": rights_words(change.before, names),
        "after": "" if opened or not changes_rights(change) else rights_words(change.after, names),
        "by": told.name if opened else by,
        "at": words_of_instant(told.at),
    }
