"""``screening emergencies``: what was sought in an emergency and no case had, to be forgotten."""

import click

from screening.cli.opening import opened_records


@click.group()
def emergencies() -> None:
    """Erase references that people sought in an emergency and that no case had."""


@emergencies.command()
@click.argument("reference")
def forget(reference: str) -> None:
    """Erase, for good, every search in vain for a REFERENCE, by destroying its key.

    That somebody searched, who and when stays recorded. `screening retention` erases the searches
    that are older than SCREENING_RETENTION_DAYS.

    \b
    screening emergencies forget R-1024
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records.emergencywatch import forget_reference  # noqa: PLC0415 - slow to load

    with opened_records() as records:
        click.echo(f"Erased: {forget_reference(records, 0, reference)}.")
