"""``screening batch``: a table of answers to a table of results."""

from __future__ import annotations

import csv
import datetime as dt
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from screening.batch.tables.layout import AS_OF, BIRTH_YEAR, TEXTS
from screening.cli.terminal.counts import words_of_count
from screening.cli.terminal.errors import PROBLEMS, STOPPED
from screening.cli.terminal.options import rules_option, ruleset_option
from screening.cli.terminal.paper import Paper
from screening.errors import MissingExtraError, NoOutcomesError
from screening.files.clock import today
from screening.files.rule_files import load_ruleset
from screening.formats.answers.text import expected_form

if TYPE_CHECKING:
    from screening.batch.tables.run import Job, Progress
    from screening.core.rules.ruleset import Ruleset

EXTRA = ("numpy", "polars")
MOST_NAMES = 20
"""Names of columns that the summary lists; OUT.json has all of them."""


@click.command()
@click.argument(
    "source",
    metavar="IN",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.argument("out", metavar="OUT", required=False, type=click.Path(path_type=Path))
@ruleset_option
@rules_option
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The screening date, if IN has no column as_of. [default: today]",
)
@click.option(
    "--keep",
    multiple=True,
    metavar="NAME",
    help="Copy this column, although its name looks like a link id.",
)
@click.option(
    "--id",
    "patient",
    metavar="NAME",
    help="Copy the cells of this column, such as a patient number, to OUT.rejects.",
)
@click.option("--columns", is_flag=True, help="List the columns that are read, as CSV.")
@click.option("--resume", is_flag=True, help="Continue a run that was interrupted.")
@click.option("--progress", is_flag=True, help="Show how much is done.")
@click.pass_context
def batch(  # noqa: PLR0913 - one parameter for each option
    ctx: click.Context,
    *,
    source: Path | None,
    out: Path | None,
    name: str,
    folder: Path | None,
    as_of: dt.datetime | None,
    keep: tuple[str, ...],
    patient: str | None,
    columns: bool,
    resume: bool,
    progress: bool,
) -> None:
    """Assess every row of a table: CSV, lines of JSON (.ndjson) or Parquet.

    \b
    screening batch answers.csv results.csv
    screening batch answers.parquet results.parquet --progress
    screening batch --columns > columns.csv

    A column named after the link id of a question holds its answers. An empty
    cell, an absent reason such as asked-unknown and a missing column mean that
    the answer is unknown. The columns as_of (the screening date) and birth_year
    are read too. All others are copied.

    \b
    These files are written beside OUT:
      OUT.json       rules, options, screening date, counts, questions without
                     a column, and columns that were only copied
      OUT.rejects    rows that cannot be read, if any: number, column, reason
    Parquet of more than 131,072 rows becomes a folder OUT with several files.

    \b
    OUT has the outcome of each row, and these columns:
      settled        favourable or unfavourable, once no further answer can
                     change which of the two it is; until then empty
      possible.X     whether outcome X is still possible
      criterion.X    whether the criterion is met; empty if unknown
      flag.X         whether it is a warning: met if it speaks against the
                     procedure, not met if the procedure asks for it; empty
                     if unknown
      needs.X        whether the answer is missing or not exact enough, and
                     could still change a criterion
      contradictions answers that cannot all be right; empty if there are none

    Exit status: 0 if every row was read, 1 if some were rejected, 74 if OUT
    cannot be written, 130 if it was stopped with Ctrl-C.
    """  # noqa: D301 - click reads \b as "do not wrap"
    if columns:
        _write_columns(load_ruleset(name, folder))
        return
    if source is None or out is None:
        missing = "IN" if source is None else "OUT"
        raise click.UsageError(f"Missing argument '{missing}'.")
    run, job_of = _load()
    ruleset = load_ruleset(name, folder)
    if not ruleset.outcomes:
        raise NoOutcomesError(ruleset.id)
    job = job_of(
        source=source,
        out=out,
        ruleset=ruleset,
        today=today(),
        as_of=as_of.date() if as_of else None,
        keep=keep,
        patient=patient,
        resume=resume,
    )
    try:
        manifest = run(job, _show) if progress else run(job)
    except KeyboardInterrupt:
        click.echo(
            "\nStopped. To continue, run the same command again with --resume.\n"
            f"{out.name}.parts holds results of patients: delete it if you will not continue.",
            err=True,
        )
        ctx.exit(STOPPED)
    if progress:
        click.echo(err=True)
    _write_summary(Paper(), manifest, job)
    if manifest["rejected"]:
        ctx.exit(PROBLEMS)


def _write_columns(ruleset: Ruleset) -> None:
    """The columns that are read, each with its question and the answers that it takes."""
    dates = {
        AS_OF: (TEXTS[AS_OF], "a day, such as 2026-10-01"),
        BIRTH_YEAR: (TEXTS[BIRTH_YEAR], "a year, such as 1948"),
    }
    questions = {
        link_id: (item.ask.nurse, expected_form(item)) for link_id, item in ruleset.items.items()
    }
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["column", "question", "answer"])
    writer.writerows([name, *told] for name, told in (dates | questions).items())
    click.echo(file.getvalue(), nl=False)


def _load() -> tuple[Any, Any]:
    """The run, and the class of its jobs, which need the packages of an extra.

    Raises:
        MissingExtraError: if one of these is not installed.
    """
    try:
        from screening.batch.tables.run import Job, run  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        raise MissingExtraError("batch", "NumPy and Polars") from None
    return run, Job


def _show(progress: Progress) -> None:
    """One line, which replaces itself on a terminal."""
    line = f"{progress.rows:,} rows, {progress.share:.0%}"
    click.echo(f"\r{line}" if sys.stderr.isatty() else line, err=True, nl=not sys.stderr.isatty())


def _write_summary(paper: Paper, manifest: dict[str, Any], job: Job) -> None:
    ruleset, out = manifest["ruleset"], job.out
    rows = words_of_count(manifest["written"], "row")
    paper.text(f"{rows} assessed by {ruleset['id']} {ruleset['version']}: {out.name}")
    for outcome, count in manifest["outcomes"].items():
        if count:
            paper.text(f"{outcome}: {words_of_count(count, 'row')}", 2, "- ")
    paper.text(f"Screening date: {_screening_date(manifest, job.today)}.")
    if manifest["emergency_not_ruled_out"]:
        count = words_of_count(manifest["emergency_not_ruled_out"], "row")
        paper.text(
            f"Emergency signs are not ruled out in {count}: the outcome is not emergency, but an"
            " emergency is still possible.",
            bold=True,
        )
    if manifest["without_column"]:
        listed = ", ".join(manifest["without_column"])
        count = words_of_count(len(manifest["without_column"]), "question")
        paper.text(f"{count} without a column, unknown in every row: {listed}.")
    if manifest["copied"]:
        paper.text(f"Copied, not read: {_listed(manifest['copied'])}.")
    if manifest["ended_at"]:
        paper.text(
            f"Reading stopped at row {manifest['ended_at']}, because it is not clear where that row"
            " ends. No row after it was read. Correct the table and assess all of it again.",
            bold=True,
            fg="red",
        )
    if manifest["rejected"]:
        rejected = words_of_count(manifest["rejected"], "row")
        paper.text(f"{rejected} cannot be read: see {out.name}.rejects.", bold=True, fg="red")
    if manifest["holding_several_rows"]:
        count = words_of_count(manifest["holding_several_rows"], "rejected row")
        paper.text(
            f"In {count}, an extra quotation mark seems to have swallowed other rows: more patients"
            " may be missing than there are rejected rows.",
            bold=True,
            fg="red",
        )


def _screening_date(manifest: dict[str, Any], today: dt.date) -> str:
    """The screening date of a run, and where it came from."""
    day = manifest["as_of"]
    match manifest["as_of_from"]:
        case "column":
            return "that of each row, from the column as_of"
        case "option":
            return f"{day}, from --as-of"
        case _:
            when = "today" if day == today.isoformat() else "the day on which the run began"
            return f"{day}, {when}: the table has no column as_of"


def _listed(names: list[str]) -> str:
    """The first of some names, and the number of the others."""
    listed = ", ".join(name.strip() or "(no heading)" for name in names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{listed} and {more} more" if more > 0 else listed
