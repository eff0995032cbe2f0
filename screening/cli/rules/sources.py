"""``screening sources``: the documents, and whether the quoted words stand in them."""

from collections.abc import Iterable
from pathlib import Path

import click

from screening.cli.terminal.citations import NOT_VERIFIABLE, source_name
from screening.cli.terminal.counts import words_of_count
from screening.cli.terminal.errors import PROBLEMS, print_problems
from screening.cli.terminal.options import rules_option
from screening.cli.terminal.paper import Paper
from screening.files.cited_documents import SourceCheck, Verdict, load_shelf, verify_sources
from screening.words.shared.days import words_of_day
from screening.words.shared.labels import BASIS_WORDS


@click.group(invoke_without_command=True)
@rules_option
@click.pass_context
def sources(ctx: click.Context, folder: Path | None) -> None:
    """List the documents that the rules quote, or verify the quoted words.

    \b
    screening sources
    screening sources verify DOCUMENTS
    """  # noqa: D301 - click reads \b as "do not wrap"
    ctx.obj = folder
    if ctx.invoked_subcommand is None:
        for cited in load_shelf(folder).values():
            _write_source(Paper(), cited)


@sources.command()
@click.argument("documents", type=click.Path(exists=True, file_okay=False, path_type=Path))
@rules_option
@click.pass_context
def verify(ctx: click.Context, documents: Path, folder: Path | None) -> None:
    """Look for every quoted phrase in the documents of a folder.

    A document is known by the SHA-256 that its rule file pins; its name does not matter. Each
    phrase must stand in it exactly once, with its prefix and suffix if it has any. A no-break
    space, a line break and any run of spaces count as one space; no phrase is found across an
    empty line. Capitals and punctuation must be the same.

    The heading that is cited must be a line of the document, and the nearest cited one above the
    phrase. A heading in parentheses, such as (introduction), is ours, and is in no document:
    its phrases must stand above every heading that is cited.

    \b
    screening sources verify DOCUMENTS
    """  # noqa: D301 - click reads \b as "do not wrap"
    verdicts = verify_sources(load_shelf(folder or ctx.obj), documents)
    for verdict in verdicts:
        _write_verdict(verdict)
    problems = [problem for verdict in verdicts for problem in verdict.problems]
    if problems:
        print_problems(problems, err=False)
        ctx.exit(PROBLEMS)
    click.echo(_summary(verdicts))


def _write_source(paper: Paper, cited: SourceCheck) -> None:
    source, count = cited.source, len(cited.quotes)
    paper.text(f"{source.id}: {source_name(source)}", bold=True)
    paper.text(f"{source.kind}; {BASIS_WORDS[source.basis]} on {words_of_day(source.read_on)}", 4)
    paper.text(f"{_phrases(count)} quoted", 4)
    if source.address:
        paper.text(source.address, 4)
    if source.note:
        paper.text(source.note, 4)
    paper.text(f"SHA-256 {source.sha256}" if source.sha256 else _UNPINNED, 4)
    paper.gap()


def _write_verdict(verdict: Verdict) -> None:
    source, count = verdict.cited.source, len(verdict.cited.quotes)
    if not verdict.pinned:
        click.echo(f"-  {source.id}: {_phrases(count)}, {_UNPINNED}")
    elif verdict.path is None:
        click.secho(f"✗  {source.id}: {_phrases(count)}, document not found", fg="red")
    elif verdict.problems:
        wrong = len(verdict.problems)
        click.secho(f"✗  {source.id}: {_phrases(count)}, {wrong} with a problem", fg="red")
    else:
        name = verdict.path.name if verdict.path else ""
        found = f"{_phrases(count)} found once each in {name}, under the cited headings"
        click.secho(f"✓  {source.id}: {found}", fg="green")


def _summary(verdicts: list[Verdict]) -> str:
    pinned = [verdict for verdict in verdicts if verdict.pinned]
    others = [verdict for verdict in verdicts if not verdict.pinned]
    return (
        f"{_count_phrases(pinned)} verified in {words_of_count(len(pinned), 'document')};"
        f" {_count_phrases(others)} of {words_of_count(len(others), 'document')} {NOT_VERIFIABLE}."
    )


def _count_phrases(verdicts: Iterable[Verdict]) -> str:
    return _phrases(sum(len(verdict.cited.quotes) for verdict in verdicts))


def _phrases(count: int) -> str:
    return words_of_count(count, "phrase")


_UNPINNED = f"{NOT_VERIFIABLE}: no document is pinned"
