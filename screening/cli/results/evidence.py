"""``screening evidence`` and ``screening verify``: one assessment in a file that proves itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.terminal.errors import PROBLEMS, WrongUsageError
from screening.cli.terminal.paper import Paper
from screening.cli.terminal.records import open_records, read_settings
from screening.errors import MissingFileError

if TYPE_CHECKING:
    from screening.records.ledger.signed_head import Verifier


@click.command()
@click.argument("case_id", metavar="CASE")
@click.argument("number", metavar="NUMBER", type=click.IntRange(min=1))
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
def evidence(case_id: str, number: int, file: Path) -> None:
    """Write the evidence of one assessment of a case to a file.

    The file has the answers, the result with its trace, the rules, and the ledger's proof. It is as
    confidential as the case. It names staff, but not patients.
    """
    from screening.records.case.case_view import open_case  # noqa: PLC0415 - loads the database
    from screening.records.installation.secret_files import open_signer  # noqa: PLC0415 - the same
    from screening.records.people.administration import command_line_auditor  # noqa: PLC0415 - the same
    from screening.records.results.evidence import make_evidence  # noqa: PLC0415 - the same
    from screening.records.witness.heads import LedgerSigner  # noqa: PLC0415 - the same

    settings = read_settings()
    with open_records(settings) as records:
        view = open_case(records, command_line_auditor(records), case_id)
        made = make_evidence(view, LedgerSigner(records, open_signer(settings)), number)
    file.write_bytes(made)
    click.echo(f"Written to {file.name}. `screening verify {file.name}` checks it anywhere.")


@click.command()
@click.argument(
    "file", metavar="EVIDENCE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--key", metavar="KEY", help="The public key that you noted from `ledger key`.")
@click.pass_context
def verify(ctx: click.Context, file: Path, key: str | None) -> None:
    """Check evidence of an assessment; neither network nor database is needed.

    Without --key, the command shows only that the file agrees with itself.
    """
    from screening.records.results.evidence import MAX_BYTES, verify_evidence  # noqa: PLC0415 - as above

    noted = _read_key(key) if key is not None else None
    steps = verify_evidence(_read_start(file, MAX_BYTES + 1), noted)
    paper = Paper()
    for step in steps:
        mark, colour = ("passed", "green") if step.holds else ("FAILED", "red")
        paper.text(f"{step.words}: {mark}", 2, "- ", fg=colour)
    if not all(step.holds for step in steps):
        paper.text("This file proves nothing.", bold=True, fg="red")
        ctx.exit(PROBLEMS)
    if noted is None:
        paper.text("Use --key to check where this file comes from.", bold=True)


def _read_key(text: str) -> Verifier:
    from screening.records.ledger.signed_head import HeadError, Verifier  # noqa: PLC0415 - as above

    try:
        return Verifier.read(text)
    except HeadError as error:
        raise WrongUsageError(str(error)) from None


def _read_start(file: Path, size: int) -> bytes:
    """The first bytes of a file. Of a pipe that nobody writes to, one would wait for ever."""
    if not file.is_file():
        raise MissingFileError(file.name, "it is not a regular file")
    try:
        with file.open("rb") as stream:
            return stream.read(size)
    except OSError as error:
        raise MissingFileError(file.name, error.strerror or "it cannot be opened") from None
