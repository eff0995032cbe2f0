"""``screening keys``: the keyring's keys, which wrap the key of every case."""

from typing import TYPE_CHECKING

import click

from screening.cli.opening import opened_records, read_settings
from screening.cli.paper import inert

if TYPE_CHECKING:
    from screening.records.rotation import Use

ENVIRONMENT = (
    "The keyring is in the environment, which this command cannot change. Set SCREENING_KEYS to"
)

COPY = "Copy the keyring to where you keep its copy."


@click.group()
def keys() -> None:
    """Look after the keys that open the records.

    Each case has a key of its own; a key of the keyring wraps it. Keep a copy of the keyring apart
    from the backups.
    """


@keys.command()
def make() -> None:
    """Make the keyring, the signing secret and an empty database for a new installation.

    What is there already stays as it is. `screening serve` does the same at its first start, but
    for --production, where it should be done on purpose.
    """
    from screening.records.settings import (  # noqa: PLC0415 - no other command loads it
        open_records,
        open_secret,
    )

    settings = read_settings()
    open_records(settings).database.close()
    open_secret(settings)
    if settings.keyring:
        click.echo("The keyring is in the environment, and opens the database.")
    else:
        click.echo(f"The keyring is {inert(str(settings.keyring_file))}.")
        click.echo("Keep a copy of it apart from the backups: without it nobody reads them.")


@keys.command("list")
def list_() -> None:
    """List the keys, and how many records each opens. No key itself is shown."""
    from screening.records import rotation  # noqa: PLC0415 - no other command loads it

    with opened_records() as records:
        for use in rotation.uses(records):
            newest = "  (newest)" if use.newest else ""
            click.echo(f"{use.name}  opens {use.wraps}{newest}{_backups(use, ', ')}")


@keys.command()
def rotate() -> None:
    """Make a fresh key, and wrap everything under it. The ledger is keyed with a fresh secret too.

    The server can go on. The old key stays in the keyring, as older backups need it, until you
    destroy it.
    """
    from screening.records import keying, rotation  # noqa: PLC0415 - no other command loads it

    settings = read_settings()
    with opened_records(settings) as records:
        if not settings.keyring:
            changed = rotation.rotate(records, 0, settings.keyring_file)
            keying.begin_epoch(records, 0, settings.keyring_file)
        elif any(use.wraps and not use.newest for use in rotation.uses(records)):
            changed = rotation.wrap_anew(records, 0)
        else:
            click.echo(f"{ENVIRONMENT} this, restart, and run this again:\n", err=True)
            click.echo(records.keyring().with_fresh_key().write(), nl=False)
            return
    click.echo(f"Rewrapped {changed}. {COPY}")


@keys.command()
@click.argument("name", metavar="KEY")
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy(name: str, *, yes: bool) -> None:
    """Take a key out of the keyring for good.

    It must not open anything any more. Backups from before the rotation can then no longer be
    restored or read: this is how a case that was erased is erased from them too.
    """
    from screening.records import rotation  # noqa: PLC0415 - no other command loads it

    settings = read_settings()
    with opened_records(settings) as records:
        if not yes:
            made = "".join(
                _backups(use, ": ") for use in rotation.uses(records) if use.name == name
            )
            question = f"Destroy {name}? Nobody can ever restore a backup that needs it{made}"
            click.confirm(question, abort=True)
        file = None if settings.keyring else settings.keyring_file
        left = rotation.destroy(records, 0, name, file)
    if file is None:
        click.echo(f"{ENVIRONMENT} this, and restart:\n", err=True)
        click.echo(left.write(), nl=False)
    else:
        click.echo("Destroyed. Destroy it in every copy of the keyring too.")


def _backups(use: "Use", before: str) -> str:
    """How many backups go with a key, as far as the ledger knows."""
    if not use.last_backup:
        return ""
    made = "1 backup was" if use.backups == 1 else f"{use.backups} backups were"
    return f"{before}{made} made under it, the last on {use.last_backup:%Y-%m-%d}"
