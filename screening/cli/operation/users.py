"""``screening users`` and ``screening sites``: accounts and sites, from the command line."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from screening.cli.terminal.errors import WrongUsageError
from screening.cli.terminal.escapes import inert
from screening.cli.terminal.records import open_records, read_settings

if TYPE_CHECKING:  # no other command pays for loading the database
    from collections.abc import Iterator, Mapping

    from screening.records.access import Role
    from screening.records.ledger.records import Records
    from screening.records.people.people import Person
    from screening.records.rights.proposal_list import Proposal

INACTIVE = (
    "the account {} is inactive, so nobody can sign in with it and no link was made; an"
    " administrator can activate it again, under People"
)
ROLES = ("nurse", "lead-nurse", "auditor", "administrator")
LOCAL = "http://127.0.0.1:8000"
ELSEWHERE = (
    "If people reach the server at another address, run the command again with it, as in `screening"
    " users link {} --address https://screening.clinic.example`."
)


class ProposalNumber(click.IntRange):
    """The number of a proposed change; what is none is refused in a sentence."""

    def convert(self, value: int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            raise WrongUsageError(
                f"“{value}” is not the number of a proposed change; `screening users proposals`"
                " shows the numbers"
            ) from None


role_option = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(ROLES),
    help="A role of the person; may be given several times.",
)
site_option = click.option(
    "--site", "sites", multiple=True, metavar="NAME", help="A site whose cases the person sees."
)


@click.group()
def users() -> None:
    """List and change the people who may sign in.

    \b
    screening sites add North
    screening users add ann@clinic.example --name Ann --role nurse --site North
    screening users link ann@clinic.example
    """  # noqa: D301 - click reads \b as "do not wrap"


@users.command("list")
def list_users() -> None:
    """Print every account: address, name, roles, sites."""
    from screening.records.people.administration import COMMAND_LINE  # noqa: PLC0415 - the same
    from screening.records.people.people import people  # noqa: PLC0415 - the same

    with open_records() as records:
        for person in people(records, COMMAND_LINE):
            click.echo(inert(_line(person)))


@users.command("add")
@click.argument("email")
@click.option("--name", required=True, help="The person's name, as pages show it.")
@role_option
@site_option
def add_user(email: str, name: str, roles: tuple[str, ...], sites: tuple[str, ...]) -> None:
    """Add an account. It has no password: make a link for it next."""
    from screening.records.people.administration import COMMAND_LINE  # noqa: PLC0415 - the same
    from screening.records.people.people import NewPerson, add_person  # noqa: PLC0415 - the same

    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise WrongUsageError(f"“{email}” is not an email address such as ann@clinic.example")
    if not name.strip():
        raise WrongUsageError("the name of the person is empty; write --name 'Ann Miller'")
    _check_sites(roles, sites)
    with _records() as records:
        held = _site_numbers(records, sites)
        new = NewPerson(name=name.strip(), email=email, roles=_roles(roles), sites=held)
        add_person(records, COMMAND_LINE, new)
    click.echo(inert(f"Added {email}. `screening users link {email}` makes a link for a password."))


@users.command("link")
@click.argument("email")
@click.option(
    "--address",
    default=LOCAL,
    show_default=True,
    help="Where the service is reached.",
)
def link_user(email: str, address: str) -> None:
    """Make a password link. It works once, within 24 hours."""
    from screening.records.installation.secret_files import open_secret  # noqa: PLC0415 - see above
    from screening.web import create_app  # noqa: PLC0415 - the same
    from screening.web.accounts.password_links import link_path  # noqa: PLC0415 - the same

    with _records() as records:
        person = _load(records, email)
        if not person.active:
            raise WrongUsageError(INACTIVE.format(email))
        app = create_app(records=records, SECRET_KEY=open_secret(read_settings(), make=False))
        click.echo(address.rstrip("/") + link_path(app, person.id))
    if address == LOCAL:
        click.echo(inert(ELSEWHERE.format(email)), err=True)


@users.command("roles")
@click.argument("email")
@role_option
@site_option
def change_roles(email: str, roles: tuple[str, ...], sites: tuple[str, ...]) -> None:
    """Give a person these roles at these sites, and no others."""
    from screening.records.people.administration import COMMAND_LINE  # noqa: PLC0415 - the same
    from screening.records.people.people import set_rights  # noqa: PLC0415 - the same

    _check_sites(roles, sites)
    with _records() as records:
        person = _load(records, email)
        held = _site_numbers(records, sites)
        set_rights(records, COMMAND_LINE, person.id, _roles(roles), held)
        click.echo(inert(_line(_load(records, email))))


@users.command("deactivate")
@click.argument("email")
def deactivate(email: str) -> None:
    """Stop a person from signing in, and end the person's sessions."""
    from screening.records.people.administration import COMMAND_LINE  # noqa: PLC0415 - the same
    from screening.records.people.people import set_active  # noqa: PLC0415 - the same

    with _records() as records:
        set_active(records, COMMAND_LINE, _load(records, email).id, active=False)
    click.echo(inert(f"{email} can no longer sign in."))


@users.command("lost-phone")
@click.argument("email")
def forget_phone(email: str) -> None:
    """Remove a person's app, recovery codes and passkeys.

    First speak to the person, to make sure that the request is theirs. They sign in with their
    password alone, and set up a second factor again.
    """
    from screening.records.people.administration import COMMAND_LINE  # noqa: PLC0415 - the same
    from screening.records.people.people import reset_second_factor  # noqa: PLC0415 - the same

    with _records() as records:
        person = _load(records, email)
        if not (person.has_codes or person.passkeys):
            raise WrongUsageError(f"{email} has no second factor, so nothing was removed")
        reset_second_factor(records, COMMAND_LINE, person.id)
    click.echo(inert(f"Removed the second factor of {email}, and ended their sessions."))


@users.command("proposals")
def list_proposals() -> None:
    """Print the proposed changes that are waiting for approval."""
    from screening.records.people.administration import COMMAND_LINE  # noqa: PLC0415 - the same
    from screening.records.people.sites import sites  # noqa: PLC0415 - the same
    from screening.records.rights.proposal_list import is_waiting, proposals  # noqa: PLC0415 - the same

    with open_records() as records:
        names = {site.id: site.name for site in sites(records)}
        for each in reversed(proposals(records, COMMAND_LINE)):
            if is_waiting(records, each):
                click.echo(inert(_proposal_line(each, names)))


@users.command("approve")
@click.argument("number", type=ProposalNumber(1, 2**31 - 1))
def approve_proposal(number: int) -> None:
    """Approve the proposed change with a NUMBER.

    Use this if there is only one administrator: you, on the server, are the second person. If the
    change makes a password link, this prints the code. The administrator has the link.
    """
    from screening.records.installation.secret_files import open_secret  # noqa: PLC0415 - the same
    from screening.records.people import link_codes  # noqa: PLC0415 - the same
    from screening.records.people.administration import COMMAND_LINE  # noqa: PLC0415 - the same
    from screening.records.rights import proposal_list, proposals  # noqa: PLC0415 - the same

    with _records() as records:
        _check_waiting(records, number)
        secret = open_secret(read_settings(), make=False)  # or the code could never be shown
        done = proposals.approve(records, COMMAND_LINE, number)
    click.echo(inert(f"Approved {number}: {done.change.action.value} {done.email}"))
    if done.change.action in proposal_list.LINKS:
        code = link_codes.link_code(secret, number)
        name, by = inert(done.name), inert(done.by)
        give = f"Give this code to {name} yourself, and to nobody else: {code}."
        click.echo(f"{give} {by} has the link that it opens.")


@users.command("refuse")
@click.argument("number", type=ProposalNumber(1, 2**31 - 1))
def refuse_proposal(number: int) -> None:
    """Refuse the proposed change with a NUMBER."""
    from screening.records.people.administration import COMMAND_LINE  # noqa: PLC0415 - the same
    from screening.records.rights import proposals  # noqa: PLC0415 - see above

    with _records() as records:
        _check_waiting(records, number)
        proposals.refuse(records, COMMAND_LINE, number)
    click.echo(f"Refused {number}.")


@users.command("review")
@click.option("--csv", "as_csv", is_flag=True, help="Print it as CSV, for a spreadsheet.")
@click.option("--reviewed", is_flag=True, help="Record that you have reviewed the list.")
def review_access(*, as_csv: bool, reviewed: bool) -> None:
    """Print all accounts with their rights and last sign-in."""
    from screening.formats.referrals.csv_text import write_table  # noqa: PLC0415 - see above
    from screening.records.people.administration import COMMAND_LINE  # noqa: PLC0415 - the same
    from screening.records.rights import access_review as access  # noqa: PLC0415 - the same

    settings = read_settings()
    with open_records(settings) as records:
        days = settings.unused_days or access.UNUSED_DAYS
        rows = access.table(access.read_access(records, COMMAND_LINE, days))
        if reviewed:
            access.record_review(records, COMMAND_LINE)
    if as_csv:
        click.echo(write_table(access.COLUMNS, rows), nl=False)
        return
    for row in rows:
        told = (f"{name}: {cell}" for name, cell in zip(access.COLUMNS, row, strict=True) if cell)
        click.echo(inert("  ".join(told)))


@click.group()
def sites() -> None:
    """List and add sites: places whose nurses see the same cases."""


@sites.command("list")
def list_sites() -> None:
    """Print every site."""
    from screening.records.people.sites import sites  # noqa: PLC0415 - the same

    with open_records() as records:
        for site in sites(records):
            click.echo(inert(f"{site.name}  {site.time_zone or 'time zone of the server'}"))


@sites.command("add")
@click.argument("name")
@click.option("--time-zone", metavar="ZONE", help="Such as Europe/London; by default the server's.")
def add_site(name: str, time_zone: str | None) -> None:
    """Add a site. Its time zone says which day it is for its nurses."""
    from screening.records.people import sites  # noqa: PLC0415 - see above
    from screening.records.people.administration import COMMAND_LINE  # noqa: PLC0415 - the same

    if not name.strip():
        raise WrongUsageError("the name of a site cannot be empty")
    with _records() as records:
        sites.add_site(records, COMMAND_LINE, " ".join(name.split()), time_zone)
    click.echo(inert(f"Added the site {name}."))


@contextmanager
def _records() -> Iterator[Records]:
    """The records; what is wrongly named, or taken, is a wrong call of the command."""
    from screening.records.errors import NobodyError  # noqa: PLC0415 - see above
    from screening.records.ledger.site_days import UnknownZoneError  # noqa: PLC0415 - see above
    from screening.records.people.administration import TakenError  # noqa: PLC0415 - the same
    from screening.records.people.people import LastAdministratorError  # noqa: PLC0415 - the same
    from screening.records.rights.proposal_errors import ProposalError  # noqa: PLC0415 - see above

    wrong = (TakenError, NobodyError, LastAdministratorError, UnknownZoneError, ProposalError)
    with open_records() as records:
        try:
            yield records
        except wrong as error:
            raise WrongUsageError(str(error)) from None


def _load(records: Records, email: str) -> Person:
    from screening.records.people.administration import COMMAND_LINE  # noqa: PLC0415 - the same
    from screening.records.people.people import find_person  # noqa: PLC0415 - the same

    found = find_person(records, COMMAND_LINE, email)
    if found is None:
        says = f"there is no account “{email}”; `screening users list` shows all accounts"
        raise WrongUsageError(says)
    return found


def _check_sites(roles: tuple[str, ...], sites: tuple[str, ...]) -> None:
    """Make sure that somebody who is to work on cases sees any.

    Raises:
        WrongUsageError: if not.
    """
    from screening.records.people.rights_steps import OF_SITES  # noqa: PLC0415 - the same
    from screening.records.rights.proposal_errors import NEEDS_SITE  # noqa: PLC0415 - see above

    if not sites and _roles(roles) & OF_SITES:
        raise WrongUsageError(
            f"{NEEDS_SITE}; add --site NAME (`screening sites list` shows all sites)"
        )


def _check_waiting(records: Records, number: int) -> None:
    """Make sure that a proposed change waits for approval.

    Raises:
        WrongUsageError: if not.
    """
    from screening.records.people.administration import COMMAND_LINE  # noqa: PLC0415 - the same
    from screening.records.rights.proposal_list import is_waiting, proposals  # noqa: PLC0415 - the same

    found = (each for each in proposals(records, COMMAND_LINE) if each.number == number)
    if not any(is_waiting(records, each) for each in found):
        raise WrongUsageError(
            f"no proposed change {number} is waiting for approval; `screening users proposals`"
            " shows those that are"
        )


def _roles(names: tuple[str, ...]) -> frozenset[Role]:
    from screening.records.access import Role  # noqa: PLC0415 - see above

    return frozenset(map(Role, names))


def _site_numbers(records: Records, names: tuple[str, ...]) -> frozenset[int]:
    from screening.records.people.sites import sites  # noqa: PLC0415 - the same

    known = {site.name.casefold(): site.id for site in sites(records)}
    for name in names:
        if name.casefold() not in known:
            raise WrongUsageError(
                f"there is no site “{name}”; `screening sites list` shows all sites, and"
                " `screening sites add NAME` adds one"
            )
    return frozenset(known[name.casefold()] for name in names)


def _proposal_line(found: Proposal, names: Mapping[int, str]) -> str:
    change = found.change
    what = f"{found.number}  {change.action.value}  {found.email}  {found.name}"
    roles = ", ".join(sorted(role.value for role in change.after.roles)) or "no role"
    at = ", ".join(sorted(names[site] for site in change.after.sites)) or "no site"
    stale = "  out of date: refuse it, and have it proposed again" if found.outdated else ""
    return f"{what}  {roles}  at {at}  proposed by {found.by}{stale}"


def _line(person: Person) -> str:
    roles = ", ".join(sorted(role.value for role in person.roles))
    at = ", ".join(site.name for site in person.sites) or "no site"
    where = "" if roles == "administrator" and not person.sites else f"  at {at}"
    state = "" if person.active else "  (inactive)"
    return f"{person.email}  {person.name}  {roles}{where}{state}"
