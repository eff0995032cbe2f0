"""``screening keys``: the keyring's keys, which wrap the key of every case."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.terminal.counts import words_of_count
from screening.cli.terminal.errors import PROBLEMS, WrongUsageError
from screening.cli.terminal.escapes import inert
from screening.cli.terminal.long_work import long_work
from screening.cli.terminal.questions import say_if_unanswered
from screening.cli.terminal.records import open_records, read_settings
from screening.words.shared.lists import join_and

if TYPE_CHECKING:
    from screening.records.installation.settings import Settings
    from screening.records.ledger.records import Records
    from screening.records.operation.rotation import RewrapReport, Use
    from screening.records.sealing.vault import Keeper, Keyring

OLD_EPOCH = "The ledger keeps the same secret as before."
NO_KEEPER = (
    "this command cannot store the keyring, and must not print it into a timer's log. Keep the"
    " keyring in a file, or set SCREENING_KEY_STORE_COMMAND to a command that takes it on standard"
    " input"
)
KEEP_IT_TOO = (
    "Keep a copy of the signing secret with the copy of the keyring. It opens password links,"
    " sessions and second factors."
)
NOT_PRINTED = (
    "this command cannot store the new keyring, and prints it only to a terminal, because it holds"
    " every key. Nothing was changed. Set SCREENING_KEY_STORE_COMMAND to a command that takes it on"
    " standard input, or keep the keyring in a file, or add --print"
)
NOTHING_NEW = "Nothing was made: the keyring, the signing secret and the database exist already."
NOT_WRAPPED = (
    "No key was rewrapped, and the records can still be read. To finish, run: screening keys rotate"
    " --if-older-than 0"
)
UNOPENED = (
    "These keys could not be rewrapped, because no key of the keyring opens them. They were changed"
    " in the database:"
)
STILL_NEEDED = (
    "Keep the old key: a backup in which these are whole needs it. `screening ledger verify` says"
    " what else was changed."
)
MOST_NAMED = 20
DOUBTFUL = (
    "by the clock of this machine, {} was replaced {} ago, but for {} of that time the ledger"
    " records nothing. Check the clock. If it is right, run `screening keys destroy --unused-for"
    " {}` without --yes. Nothing was destroyed"
)
COPY = "Replace your copy of the keyring with the new one."


def by_hand(settings: "Settings") -> str:
    """Say where to put a printed keyring."""
    if settings.key_command:
        return "Store the keyring below where SCREENING_KEY_COMMAND reads it."
    return "Set SCREENING_KEYS to the keyring below."


def check_printable(*, wanted: bool) -> None:
    """Make sure that a keyring may be printed here: a log or a mail would keep every key.

    Args:
        wanted: whether the person asked for it to be printed wherever it goes.

    Raises:
        WrongUsageError: if not.
    """
    if not wanted and not sys.stdout.isatty():
        raise WrongUsageError(NOT_PRINTED)


def print_keyring(settings: "Settings", ring: "Keyring", then: str) -> None:
    """Print a keyring by itself on standard output; what to do with it goes to standard error."""
    click.echo(f"{by_hand(settings)} {then}\n", err=True)
    click.echo(ring.write(), nl=False)


printing = click.option(
    "--print",
    "printed",
    is_flag=True,
    help="Print a keyring that cannot be stored, even if not to a terminal.",
)
"""With it, standard output holds the keyring and nothing else."""


@click.group()
def keys() -> None:
    """List, make, rotate and destroy the keys of the records.

    Each case has a key of its own, which a key of the keyring wraps. Keep a copy of the keyring
    apart from the backups.
    """


@keys.command()
def make() -> None:
    """Make the keyring, the signing secret and an empty database for a new installation.

    What exists already stays as it is. `screening serve` does the same at its first start, except
    with --production, where you have to do it yourself.
    """
    from screening.records.installation.opening import open_records, place_of  # noqa: PLC0415 - no other command loads it
    from screening.records.installation.secret_files import open_secret  # noqa: PLC0415 - no other command loads it

    settings = read_settings()
    missing = _missing(settings)
    records = open_records(settings)
    records.database.close()
    open_secret(settings)
    click.echo(f"Made {join_and(missing)}." if missing else NOTHING_NEW)
    click.echo(inert(f"The records are in {place_of(records.database)}."))
    click.echo(KEEP_IT_TOO)
    if settings.keys_elsewhere:
        place = "a key store" if settings.key_command else "the environment"
        click.echo(f"The keyring is in {place}, and opens the database.")
    else:
        click.echo(f"The keyring is {inert(str(settings.keyring_file))}.")
        click.echo("Keep a copy of it apart from the backups: without it nobody can read them.")


def _missing(settings: "Settings") -> list[str]:
    """The parts that ``make`` has to make, in words."""
    from screening.records.installation.opening import NoRecordsError, open_existing_database  # noqa: PLC0415 - no other command loads it
    from screening.records.installation.secret_files import SECRET  # noqa: PLC0415 - the same

    there = {
        "the keyring": settings.keys_elsewhere or settings.keyring_file.exists(),
        "the signing secret": settings.secret or (settings.folder / SECRET).exists(),
        "the database": True,
    }
    try:
        open_existing_database(settings).close()
    except NoRecordsError:
        there["the database"] = False
    return [name for name, is_there in there.items() if not is_there]


@keys.command("list")
def list_() -> None:
    """List the keys, and how many records each opens. No key itself is shown."""
    from screening.records.operation import rotation  # noqa: PLC0415 - no other command loads it

    with open_records() as records:
        for use in rotation.uses(records):
            newest = "  (newest)" if use.newest else ""
            click.echo(f"{use.name}  opens {use.wraps}{newest}{_backups(use, ', ')}")


@keys.command()
@click.option(
    "--if-older-than",
    "days",
    metavar="DAYS",
    type=click.IntRange(min=0),
    help="Only if the newest key is older; finishes a rotation that was interrupted.",
)
@printing
@click.pass_context
def rotate(ctx: click.Context, days: int | None, *, printed: bool) -> None:
    """Make a new key and wrap everything under it; make a new secret for the ledger.

    The server can keep running. The old key stays in the keyring until you destroy it, because
    older backups need it. With a key store, the command waits until every process has read the new
    key, and the ledger keeps its secret. A key that was damaged in the database is left out and
    named; the exit status is then 1.

    \b
    screening keys rotate --if-older-than 90
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records.installation.keys import keeper_of  # noqa: PLC0415 - the same
    from screening.records.operation import rotation  # noqa: PLC0415 - no other command loads it

    settings = read_settings()
    with open_records(settings) as records:
        keeper = keeper_of(settings, records.keyring)
        if days is not None and keeper is None:
            raise WrongUsageError(NO_KEEPER)
        if (days is not None or keeper is None) and rotation.is_pending(records):
            with long_work("Rewrapping keys", lambda: NOT_WRAPPED) as progress:
                done = rotation.rewrap_keys(records, 0, watch=progress)
        elif days is not None and _age(records) < days:
            age = words_of_count(_age(records), "day")
            click.echo(f"The newest key is {age} old. Nothing was changed.")
            return
        elif keeper is None:
            check_printable(wanted=printed)
            fresh = records.keyring().with_fresh_key()
            print_keyring(settings, fresh, "Restart the server. Run this command again.")
            return
        else:
            done = _rotate(records, keeper)
    click.echo(f"Rewrapped {words_of_count(done.changed, 'key')}. {COPY}")
    if done.left:
        _name_left(done.left)
        ctx.exit(PROBLEMS)


def _name_left(rows: Sequence[str]) -> None:
    """Name the cases, and the keys of the database, that still need the old key."""
    lines = [f"- {_words_of_key(row)}" for row in rows[:MOST_NAMED]]
    if more := len(rows) - len(lines):
        lines.append(f"- {more} more")
    for line in (UNOPENED, *lines, STILL_NEEDED):
        click.echo(inert(line), err=True)


def _words_of_key(row: str) -> str:
    """The subject of a wrapped key, by the name of its row."""
    table, _, name = row.partition("/")
    return f"case {name}" if table == "case_keys" else f"{name} (of the whole database)"


def _age(records: "Records") -> int:
    from screening.records.operation import rotation  # noqa: PLC0415 - see above

    return (records.now() - rotation.newest_since(records)).days


def _rotate(records: "Records", keeper: "Keeper") -> "RewrapReport":
    """Rotate; only of a file does every process see at once that the ledger has another secret."""
    from screening.records.ledger import keying  # noqa: PLC0415 - see above
    from screening.records.operation import rotation  # noqa: PLC0415 - see above

    if isinstance(keeper, Path):
        keying.begin_epoch(records, 0, keeper)
    else:
        click.echo(OLD_EPOCH)
    with long_work("Rewrapping keys", lambda: NOT_WRAPPED) as progress:
        return rotation.rotate(records, 0, keeper, progress)


@keys.command()
@click.argument("name", metavar="[KEY]", required=False)
@click.option(
    "--unused-for",
    "days",
    metavar="DAYS",
    type=click.IntRange(min=0),
    help="Instead of KEY: each key that opens nothing and was replaced so long ago.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@printing
def destroy(name: str | None, days: int | None, *, yes: bool, printed: bool) -> None:
    """Destroy a key of the keyring for good.

    The key must not open anything any more. Nobody can then restore or read backups from before the
    rotation. This also erases from those backups the cases that were erased.

    A clock that is far ahead makes every key look old. So with --unused-for, --yes does not count
    days in a stretch of more than a week in which nothing was recorded.

    \b
    screening keys destroy --unused-for 400 --yes
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records.installation.keys import keeper_of  # noqa: PLC0415 - the same
    from screening.records.operation import rotation  # noqa: PLC0415 - no other command loads it

    if (name is None) == (days is None):
        raise WrongUsageError("name one KEY, or give --unused-for DAYS")
    settings = read_settings()
    with open_records(settings) as records:
        keeper = keeper_of(settings, records.keyring)
        if days is not None and keeper is None:
            raise WrongUsageError(NO_KEEPER)
        if keeper is None:
            check_printable(wanted=printed)
        for each in _meant(records, name, days, yes=yes):
            rotation.check_destroyable(records, each)
            if not yes:
                made = "".join(_backups(u, ": ") for u in rotation.uses(records) if u.name == each)
                question = f"Destroy {each}? Nobody can ever restore a backup that needs it{made}"
                with say_if_unanswered(f"{each} was not destroyed."):
                    click.confirm(question, abort=True)
            left = rotation.destroy(records, 0, each, keeper)
            if keeper is None:
                print_keyring(settings, left, "Restart the server.")
            else:
                click.echo(f"Destroyed {each}. Destroy it in every copy of the keyring too.")


def _meant(records: "Records", name: str | None, days: int | None, *, yes: bool) -> list[str]:
    """The keys that are to be destroyed; nobody is asked with ``yes``.

    Raises:
        WrongUsageError: if nobody is asked, and the clock may be wrong.
    """
    from screening.records.operation.unused_keys import unused_for  # noqa: PLC0415 - see above

    if name is not None:
        return [name]
    unused = unused_for(records, days or 0)
    if not unused:
        click.echo("No key that opens nothing was replaced that long ago. Nothing was changed.")
    for each in unused:
        if yes and each.is_doubtful:
            told = (
                each.use.name,
                words_of_count(each.age, "day"),
                words_of_count(each.silent, "day"),
            )
            raise WrongUsageError(DOUBTFUL.format(*told, days))
    return [each.use.name for each in unused]


def _backups(use: "Use", before: str) -> str:
    """The number of backups that go with a key, as far as the ledger knows."""
    if not use.last_backup:
        return ""
    made = "1 backup was" if use.backups == 1 else f"{use.backups} backups were"
    return f"{before}{made} made under it, the last on {use.last_backup:%Y-%m-%d}"
