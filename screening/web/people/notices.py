"""Notices of what a person still has to do, on every page behind the sign-in."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, url_for

from screening.records.access import Permission
from screening.records.operation.emergency_watch import count_unchecked
from screening.records.rights import proposal_list
from screening.records.rights.rights_notices import count_new_notices
from screening.translation import gettext, ngettext
from screening.web.accounts.authorization import actor
from screening.web.people.proposals import new_account_days
from screening.web.shell.context import records


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One line above a page, with a link."""

    title: str
    words: str
    link: str
    address: str
    grave: bool = False


def init_app(app: Flask) -> None:
    """Let the pages behind the sign-in show what waits."""
    app.jinja_env.globals["waiting_notices"] = lambda: list(_waiting())


def _waiting() -> Iterator[Notice]:
    yield from _emergencies()
    yield from _proposals()
    if count := count_new_notices(records(), actor()):
        yield Notice(
            title=gettext("Changes of rights:"),
            words=ngettext("one that you have not seen.", "{count} that you have not seen.", count),
            link=gettext("See what changed"),
            address=url_for("rights_notices.page"),
        )


def _proposals() -> Iterator[Notice]:
    if not actor().may(Permission.ADMINISTER):
        return
    found = proposal_list.proposals(records(), actor(), new_account_days())
    mine = [each for each in found if actor().id in each.approvers]
    if count := sum(proposal_list.is_waiting(records(), each) for each in mine):
        yield Notice(
            title=gettext("Waiting for your approval:"),
            words=ngettext("one change of rights.", "{count} changes of rights.", count),
            link=ngettext("Review it", "Review them", count),
            address=url_for("proposals.page"),
        )


def _emergencies() -> Iterator[Notice]:
    if count := count_unchecked(records(), actor()):
        yield Notice(
            title=gettext("Emergency access:"),
            words=ngettext(
                "people from other sites opened a case of your site.",
                "people from other sites opened cases of your site {count} times.",
                count,
            ),
            link=ngettext("Check it", "Check them", count),
            address=url_for("emergency_access.notices"),
            grave=True,
        )
