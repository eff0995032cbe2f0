"""``screening emergencies``: erase emergency searches that opened no case."""

import click

from screening.cli.opening import opened_records


@click.group()
def emergencies() -> None:
    """Erase emergency searches that opened no case."""


@emergencies.command()
@click.argument("reference")
def forget(reference: str) -> None:
    """Erase for good every search for a REFERENCE that opened no case.

    The record of who searched, and when, stays. `screening retention` erases the searches that are
    older than SCREENING_RETENTION_DAYS.

    \b
    screening emergencies forget R-1024
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records.emergencywatch import forget_reference  # noqa: PLC0415 - slow to load

    with opened_records() as records:
        click.echo(f"Erased: {forget_reference(records, 0, reference)}.")
