"""``screening demo``: the casework with made-up people and cases, in a folder of its own."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening import log_lines
from screening.cli.service.listening import (
    address,
    host_option,
    listen,
    port_option,
    proxy_settings,
    say_lines,
    serve_until_stopped,
)
from screening.cli.service.signing import own_environment, signing
from screening.cli.terminal.errors import WrongUsageError

if TYPE_CHECKING:  # no other command pays for loading the web and the database
    from collections.abc import Collection

    from screening.records.installation.settings import Settings
    from screening.records.ledger.records import Records
    from screening.records.operation.sample_cases import SampleData

DEFAULT = "screening-demo"
DATA_HOME = "XDG_DATA_HOME"
ALL_MADE_UP = "Every person and every case in it is made up. Sign in as:"
KEPT = "The cases and passwords are those of the last start. Remove the folder to begin again."
CHANGED = "(changed since the first start)"
VERIFY = "Verify its ledger with: "
ELSEWHERE = (
    *("DATABASE_URL", "SCREENING_KEYS", "SCREENING_KEYS_FILE", "SCREENING_KEY_COMMAND"),
    *("SCREENING_HEADS_FOLDER", "SCREENING_HEADS_SYSLOG", "SCREENING_WITNESS"),
)
"""Settings that lead to other records than those of a folder; a demonstration reads none."""
EARLIER = "in {} has the shape of an earlier version; upgrade it with: {} upgrade"
NOT_A_DEMONSTRATION = "the records in {} are not a demonstration; name another folder"


@click.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@host_option
@port_option
def demo(folder: Path | None, host: str, port: int) -> None:
    """Serve a demonstration: made-up people and cases, in FOLDER.

    The database is marked, every page of it says that its cases are made up, and --production
    refuses it. The next start in the same folder has the same cases and passwords. Remove the
    folder to begin again.

    Without FOLDER, the demonstration has a folder of its own: your own records in SCREENING_DATA
    are never touched. It prints the command that verifies its ledger.

    \b
    screening demo
    screening demo /tmp/demonstration --port 0
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records.installation.secret_files import open_secret  # noqa: PLC0415 - the same
    from screening.records.installation.settings import Settings  # noqa: PLC0415 - the same
    from screening.records.operation.head_check import gather_heads  # noqa: PLC0415 - the same
    from screening.web import create_app  # noqa: PLC0415 - the same

    log_lines.start(requests=False)
    listening = listen(host, port)
    settings = Settings.read({"SCREENING_DATA": str(folder or _own_folder())})
    records = _open(settings.folder)
    where = address(host, listening)
    app = create_app(
        records=records,
        SECRET_KEY=open_secret(settings),
        DATA_FOLDER=settings.folder,
        PROGRAM=spell_program(settings.folder, ELSEWHERE),
        HEADS=lambda: gather_heads(settings),
    )
    lines = [
        f"The demonstration runs at {where} (Ctrl-C ends it)",
        f"{VERIFY}{spell_program(settings.folder, ELSEWHERE)} ledger verify",
        *_sign_ins(settings, records),
    ]
    own = dict.fromkeys(ELSEWHERE, "") | {"SCREENING_DATA": str(settings.folder)}
    with signing(own_environment(**own), log_heads=False) as signer:
        app.config["SIGNER"] = lambda: signer
        serve_until_stopped(
            app,
            listening,
            names=[host],
            say=lambda: say_lines(lines),
            **proxy_settings(0, secure=False),
        )


def _own_folder() -> Path:
    """The folder in the data home, whatever SCREENING_DATA is."""
    from screening.records.installation.settings import Settings  # noqa: PLC0415 - the same

    return Settings.read({DATA_HOME: os.environ.get(DATA_HOME, "")}).folder / DEFAULT


def _open(folder: Path) -> Records:
    """The records of a demonstration, which is made if the folder has none.

    Raises:
        WrongUsageError: if the folder has other records.
        EarlierVersionError: if an earlier version made them; it names the command that helps here.
    """
    from screening.files.rule_files import (  # noqa: PLC0415 - the same
        load_examples,
        load_ruleset,
    )
    from screening.files.rule_texts import load_texts  # noqa: PLC0415 - the same
    from screening.records.installation.opening import open_records  # noqa: PLC0415 - the same
    from screening.records.installation.settings import Settings  # noqa: PLC0415 - the same
    from screening.records.operation.demonstration import (  # noqa: PLC0415 - see above
        is_demonstration,
        is_unused,
    )
    from screening.records.operation.sample_cases import add_sample_data  # noqa: PLC0415 - the same
    from screening.records.storage.schema import EarlierVersionError  # noqa: PLC0415 - the same

    settings = Settings.read({"SCREENING_DATA": str(folder)})
    try:
        records = open_records(settings)
    except EarlierVersionError:
        command = spell_program(folder, ELSEWHERE)
        raise EarlierVersionError(EARLIER.format(folder, command)) from None
    if is_demonstration(records):
        return records
    if not is_unused(records):
        raise WrongUsageError(NOT_A_DEMONSTRATION.format(folder))
    click.echo(f"Making up cases in {folder}", err=True)
    ruleset = load_ruleset()
    texts = {name: text.data.decode() for name, text in load_texts().items()}
    add_sample_data(records, ruleset, texts, load_examples(ruleset))
    return records


def spell_program(folder: Path, past: Collection[str] = ()) -> str:
    """The command for the records in a folder, in a shell with this environment.

    Args:
        folder: the folder of the records.
        past: the settings of this environment that the call leaves out.
    """
    unset = [f"{name}=" for name in past if os.environ.get(name)]
    setting = f"SCREENING_DATA={shlex.quote(str(folder.absolute()))}"
    own = Path(sys.argv[0]).name == "screening"
    program = [sys.argv[0]] if own else [sys.executable, "-m", "screening"]
    return " ".join([*unset, setting, shlex.join(program)])


def _sign_ins(settings: Settings, records: Records) -> list[str]:
    """The accounts and their password: the one of the last start, unless none was kept."""
    from screening.records.installation.secret_files import keep_passwords, kept_passwords  # noqa: PLC0415 - the same
    from screening.records.operation.sample_cases import (  # noqa: PLC0415 - see above
        PEOPLE,
        check_passwords,
        set_passwords,
    )

    kept = check_passwords(records, kept_passwords(settings))
    given = kept or set_passwords(records)
    if not kept:
        keep_passwords(settings, given)
    lines = [ALL_MADE_UP, *(_line(each, given.get(each.email, CHANGED)) for each in PEOPLE)]
    return [*lines, KEPT] if kept else lines


def _line(person: SampleData, password: str) -> str:
    return f"  {person.role.value:14} {person.email:22} {password}"
