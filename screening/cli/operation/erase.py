"""``screening erase`` and ``screening retention``: cases that are to be forgotten."""

import click

from screening.cli.operation.emergencies import counted_searches
from screening.cli.terminal.counts import words_of_count
from screening.cli.terminal.errors import WrongUsageError
from screening.cli.terminal.long_work import long_work
from screening.cli.terminal.questions import say_if_unanswered
from screening.cli.terminal.records import open_records, read_settings

UNTOLD = (
    "an emergency sign was answered yes, and nobody has recorded who was told; nothing was erased."
    " Record that first, or add --even-so"
)
UNREADABLE = (
    "the case cannot be read: somebody changed it outside the application. Run `screening ledger"
    " verify` first. To erase it unread, add --yes --even-so. Nothing was erased"
)
LEFT = (
    "Left out: {}, because an emergency sign was answered yes and nobody has recorded who was told."
    " Record that, or erase each with `screening erase CASE --even-so`: {}"
)
ALTERED = (
    "Left out: {}, because somebody changed the row of the case outside the application. Run"
    " `screening ledger verify`: {}"
)
NO_CASE = (
    "there is no case “{}” in {}. CASE is the id in the address of the page of the case, which"
    " ends in /case/CASE/; it is not the reference. Nothing was erased"
)
UNUSUAL = (
    "{} would be erased, which is more than a tenth of all. Check the clock of this machine and"
    " SCREENING_RETENTION_DAYS. If both are right, run `screening retention --erase` without --yes"
)
NOTHING = "Nothing was erased."
ERASED_SOME = "Each case is either erased or as it was. Run it again to erase the rest."
REASONS = ("request", "retention", "mistake", "other")


@click.command()
@click.argument("case_id", metavar="CASE")
@click.option(
    "--reason", required=True, type=click.Choice(REASONS), help="Why; it is kept encrypted."
)
@click.option("--yes", is_flag=True, help="Do not ask for the case's reference.")
@click.option(
    "--even-so", is_flag=True, help="Erase it although nobody was told about an emergency."
)
def erase(case_id: str, reason: str, *, yes: bool, even_so: bool) -> None:
    """Erase a case for good, by destroying its key.

    CASE is the id in the address of its page. Backups hold the case until the key that wraps it is
    destroyed too: run `screening keys rotate`, then `screening keys destroy`.
    """
    from screening.records.errors import NoCaseError  # noqa: PLC0415 - the same
    from screening.records.installation.opening import place_of  # noqa: PLC0415 - the same
    from screening.records.operation import erasure  # noqa: PLC0415 - no other command loads it

    with open_records() as records:
        try:
            earlier = erasure.find_reason(records, case_id)
        except NoCaseError:
            place = place_of(records.database)
            raise WrongUsageError(NO_CASE.format(case_id, place)) from None
        if earlier:
            raise WrongUsageError(f"the case was erased before; the reason was {earlier.value}")
        if not erasure.is_readable(records, case_id):
            if not (yes and even_so):
                raise WrongUsageError(UNREADABLE)
        elif not even_so and erasure.needs_handover(records, case_id):
            raise WrongUsageError(UNTOLD)
        elif not yes and _ask_reference() != erasure.read_reference(records, case_id):
            raise WrongUsageError("that is not its reference; nothing was erased")
        erasure.erase(records, 0, case_id, erasure.Reason(reason))
    click.echo("Erased 1 case.")


@click.command()
@click.option("--erase", "really", is_flag=True, help="Erase them instead of only counting them.")
@click.option("--yes", is_flag=True, help="With --erase: do not ask.")
def retention(*, really: bool, yes: bool) -> None:
    """Count or erase cases that have not changed for a long time.

    These are the cases that nobody has changed for SCREENING_RETENTION_DAYS. With --erase,
    emergency searches that opened no case are erased too if they are as old.

    The server never does this by itself: a wrong clock or a mistyped setting must not erase
    anything while nobody is watching. So --yes refuses to erase more than 10 cases if they are
    more than a tenth of all. Schedule it to run every night:

    \b
    screening retention --erase --yes
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records.operation import erasure  # noqa: PLC0415 - no other command loads it
    from screening.records.operation.emergency_watch import forget_older  # noqa: PLC0415 - the same

    settings = read_settings()
    days = settings.retention_days
    if days is None:
        raise WrongUsageError("set SCREENING_RETENTION_DAYS to a number of days")
    with open_records(settings) as records:
        overdue = erasure.find_overdue(records, days)
        altered = erasure.find_altered(records, overdue)
        sound = [each for each in overdue if each not in altered]
        left = erasure.find_without_handover(records, sound)
        for words, cases in ((ALTERED, altered), (LEFT, left)):
            if cases:
                click.echo(words.format(len(cases), ", ".join(cases)), err=True)
        count = len(sound) - len(left)
        if not really:
            changed = (
                f"{words_of_count(count, 'case')} {'has' if count == 1 else 'have'} not changed"
            )
            click.echo(f"{changed} for more than {words_of_count(days, 'day')}. {NOTHING}")
            return
        if yes and erasure.is_unusual(records, count):
            raise WrongUsageError(f"{UNUSUAL.format(words_of_count(count, 'case'))}. {NOTHING}")
        if count and not yes:
            with say_if_unanswered(NOTHING):
                click.confirm(f"Erase {words_of_count(count, 'case')} for good?", abort=True)
        with long_work("Erasing", lambda: ERASED_SOME) as progress:
            erased = words_of_count(erasure.erase_overdue(records, 0, days, progress), "case")
        click.echo(f"Erased {erased} and {counted_searches(forget_older(records, 0, days))}.")


def _ask_reference() -> str:
    with say_if_unanswered(NOTHING):
        return str(click.prompt("Type the reference of the case to erase it"))
