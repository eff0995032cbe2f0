"""``screening emergencies``: erase emergency searches that opened no case."""

import click

from screening.cli.terminal.escapes import inert
from screening.cli.terminal.records import open_records

NONE = (
    "there is no search for “{}” that opened no case. Nothing was erased. Check how the reference"
    " was typed: auditors see all searches under Emergency access"
)


@click.group()
def emergencies() -> None:
    """Erase emergency searches that opened no case."""


@emergencies.command()
@click.argument("reference")
def forget(reference: str) -> None:
    """Erase for good every search for a REFERENCE that opened no case.

    The names of the people who searched, and the times, are kept. `screening retention --erase`
    erases the searches that are older than SCREENING_RETENTION_DAYS.

    \b
    screening emergencies forget R-1024
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records.operation.emergency_watch import forget_reference  # noqa: PLC0415 - slow to load

    with open_records() as records:
        erased = forget_reference(records, 0, reference)
    if not erased:
        raise click.ClickException(inert(NONE.format(reference)))
    click.echo(inert(f"Erased {counted_searches(erased)} for “{reference}”."))
    click.echo("The names of the people who searched, and the times, are kept.")


def counted_searches(count: int) -> str:
    """A number of emergency searches, in words."""
    return "1 emergency search" if count == 1 else f"{count} emergency searches"
