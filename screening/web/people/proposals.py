"""Proposed changes, for administrators: one proposes and another approves."""

import datetime as dt
from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, abort, current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from screening.records.access import Permission, Role
from screening.records.people import link_codes
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.people import LastAdministratorError
from screening.records.people.rights_steps import NEW_DAYS, Action, Change, Rights, Step
from screening.records.people.sites import sites
from screening.records.rights import proposal_list, proposals
from screening.records.rights.proposal_errors import ProposalError
from screening.records.rights.proposal_list import Proposal
from screening.translation import Phrases, gettext, mark
from screening.web.accounts.authorization import actor, allowed
from screening.web.accounts.forms import ROLE_WORDS
from screening.web.shell.clock import local
from screening.web.shell.context import records
from screening.web.shell.dates import words_of_instant
from screening.web.shell.responses import see_other
from screening.web.shell.write_keys import posted_number
from screening.words.shared.days import words_of_day

blueprint = Blueprint("proposals", __name__, url_prefix="/people/proposals")
ACTION_WORDS = Phrases(
    {
        Action.ADD: "Add this person, with a password link",
        Action.RIGHTS: "Change roles and sites",
        Action.ACTIVATE: "Make the account active again",
        Action.DEACTIVATE: "Make the account inactive",
        Action.LINK: "Make a password link",
        Action.FACTOR: "Remove the authenticator app, recovery codes and passkeys",
        Action.UNLINK: "Disconnect from single sign-on",
    }
)
STATE_WORDS = {
    Step.APPROVED: mark("Approved by {name}, {when}"),
    Step.OPENED: mark("Link opened; approved by {name}, {when}"),
    Step.REFUSED: mark("Refused by {name}, {when}"),
    Step.WITHDRAWN: mark("Withdrawn by {name}, {when}"),
}
USED = mark("Link used; approved by {name}, {when}")
DECIDED = Phrases(
    {
        "approve": "Approved. The change has been made.",
        "refuse": "Refused. Nothing has changed.",
        "withdraw": "Withdrawn. Nothing has changed.",
    }
)
LINK_APPROVED = mark(
    "Approved. Give the person the code below. The administrator who proposed the change has the"
    " link."
)


_ADDED_YOU = mark("You cannot approve this until {day}, because {name} added you.")
_YOU_ADDED = mark("You cannot approve this until {day}, because you added {name}.")
_ADDED_BOTH = mark("You cannot approve this until {day}, because {maker} added you and {name}.")
_SAME_MAKER = mark(
    "You cannot approve this until {day}, because your account and that of {name} come from the"
    " same administrator."
)
_TOO_LATE = mark("Not approved in time")


def new_account_days() -> int:
    """For how many days an account counts as one person with the administrator who added it."""
    return current_app.config.get("NEW_ACCOUNT_DAYS") or NEW_DAYS


@blueprint.get("")
@allowed(Permission.ADMINISTER)
def page() -> str:
    """The changes that wait for approval, and those that were decided."""
    found = proposal_list.proposals(records(), actor(), new_account_days())
    names = _site_names()
    lines = [(proposal_list.is_waiting(records(), each), _line(each, names)) for each in found]
    return render_template(
        "people/proposals.html",
        waiting=[line for waits, line in lines if waits],
        decided=[line for waits, line in lines if not waits],
        damaged=proposal_list.damaged_proposals(records(), actor()),
        days=new_account_days(),
    )


@blueprint.post("")
@allowed(Permission.ADMINISTER)
def decide() -> Response:
    """Approve, refuse or withdraw a proposal."""
    number, decision = posted_number("number"), request.form.get("decision", "")
    if decision not in DECIDED:
        abort(HTTPStatus.BAD_REQUEST)
    try:
        flash(_decide(number, decision), "success")
    except (ProposalError, LastAdministratorError) as error:
        flash(gettext("Nothing has changed: {problem}.", problem=error), "error")
    return see_other(url_for("proposals.page"))


def command(number: int) -> str:
    """The command that approves a proposal on the server."""
    shown = current_app.config.get("DEMONSTRATION")
    program = current_app.config.get("PROGRAM") if shown else None
    return f"{program or 'screening'} users approve {number}"


def rights_words(rights: Rights, names: Mapping[int, str]) -> str:
    """Roles and sites as a page says them."""
    roles = ", ".join(words for role, words in ROLE_WORDS.items() if role in rights.roles)
    if not roles:
        return gettext("no rights")
    if not rights.sites:
        needs_none = rights.roles == {Role.ADMINISTRATOR}
        return roles if needs_none else gettext("{roles}, at no site", roles=roles)
    at = ", ".join(sorted(names.get(site, "") for site in rights.sites))
    return gettext("{roles} at {sites}", roles=roles, sites=at)


def changes_rights(change: Change) -> bool:
    """True if roles or sites differ afterwards."""
    return change.before != change.after


def _site_names() -> dict[int, str]:
    """The names of sites, and who changed them lately, so that no new name misleads anybody."""
    changed = proposal_list.changed_sites(records(), new_account_days())
    return {site.id: _named(site.name, changed.get(site.id)) for site in sites(records())}


def _named(site: str, changed: tuple[str, dt.datetime] | None) -> str:
    if changed is None:
        return site
    (name, at), message = changed, mark("{site} (site changed by {name}, {when})")
    return gettext(message, site=site, name=name, when=words_of_instant(at))


def _decide(number: int, decision: str) -> str:
    if decision == "approve":
        found = proposals.approve(records(), actor(), number, new_account_days())
        return (
            gettext(LINK_APPROVED)
            if found.change.action in proposal_list.LINKS
            else DECIDED[decision]
        )
    act = proposals.refuse if decision == "refuse" else proposals.withdraw
    act(records(), actor(), number)
    return DECIDED[decision]


def _line(found: Proposal, names: Mapping[int, str]) -> dict[str, object]:
    me, change = actor().id, found.change
    state = USED if found.used else STATE_WORDS.get(found.state)
    when = words_of_instant(found.decided_at) if found.decided_at else ""
    return {
        "number": found.number,
        "name": found.name,
        "email": found.email,
        "what": ACTION_WORDS[change.action],
        "before": rights_words(change.before, names),
        "after": rights_words(change.after, names) if changes_rights(change) else "",
        "proposer": found.by,
        "by": gettext("{name}, {when}", name=found.by, when=words_of_instant(found.at)),
        "until": words_of_instant(found.until),
        "by_command": found.decided_by_id == COMMAND_LINE.id,
        "state": gettext(state or _TOO_LATE, name=found.decided_by, when=when),
        "approvers": ", ".join(found.approvers.values()),
        "command": command(found.number),
        "demonstration": bool(current_app.config.get("DEMONSTRATION")),
        "waits": proposal_list.is_waiting(records(), found),
        "outdated": found.outdated,
        "may_approve": me in found.approvers,
        "barred": _barred(found, me),
        "mine": found.by_id == me,
        **_link_of(found, me),
    }


def _barred(found: Proposal, me: int) -> str:
    """The reason, with its end, why the administrator who looks cannot approve a proposal."""
    if found.change.user_id == me:
        return gettext("You cannot approve this, because it changes your own account.")
    if not found.bond:
        return ""
    maker = found.bond.maker or 0
    message = {found.by_id: _ADDED_YOU, me: _YOU_ADDED}.get(maker, _ADDED_BOTH)
    day = words_of_day(local(found.bond.until).date())
    message = message if found.maker else _SAME_MAKER
    return gettext(message, day=day, name=found.by, maker=found.maker)


def _link_of(found: Proposal, me: int) -> dict[str, str]:
    """The link for the proposer and the code for the approver, as long as they work."""
    if not proposal_list.link_works(records(), found):
        return {"link": "", "code": ""}
    secret, number = current_app.config["SECRET_KEY"], found.number
    handle = link_codes.link_handle(secret, number)
    link = url_for("own_account.open_link", handle=handle, _external=True)
    code = link_codes.link_code(secret, number)
    return {
        "link": link if found.by_id == me else "",
        "code": code if found.decided_by_id == me else "",
    }
