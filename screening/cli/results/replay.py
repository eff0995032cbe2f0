"""``screening replay`` and ``screening impact``: stored assessments, computed again."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.terminal.errors import PROBLEMS, WrongUsageError
from screening.cli.terminal.escapes import inert
from screening.cli.terminal.long_work import long_work
from screening.cli.terminal.options import rules_option
from screening.cli.terminal.paper import Paper
from screening.cli.terminal.records import open_records
from screening.files.rule_files import load_ruleset

if TYPE_CHECKING:  # no other command pays for loading the database
    from screening.core.rules.ruleset import Ruleset
    from screening.records.results.impact import Reassessment
    from screening.records.results.replay import Replay

UNFINISHED = (
    "Nothing was stored. The impact is known only once all assessments are done: run it again."
)
LONGEST_NUMBER = 9
HEADINGS = ("case", "assessment", "from", "to", "criteria", "answers left out")


class NoSuchPlaceError(WrongUsageError):
    """The assessment that ``--after`` names does not exist, so a replay could skip others."""

    def __init__(self, place: tuple[str, int]) -> None:
        """Name it."""
        super().__init__(
            f"there is no assessment {inert('/'.join(map(str, place)))}: give --after the"
            " CASE/NUMBER that the stopped replay printed"
        )


def _read_place(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, int]:
    """The place of an assessment, as a replay that was stopped prints it.

    Raises:
        BadParameter: if it is none.
    """
    case_id, _slash, number = (value or "/0").partition("/")
    fit = number.isdecimal() and len(number) <= LONGEST_NUMBER
    if not fit or bool(value) != bool(case_id):
        raise click.BadParameter("it is CASE/NUMBER, as a replay that was stopped prints it")
    return case_id, int(number)


@click.command()
@click.option(
    "--after",
    callback=_read_place,
    metavar="PLACE",
    help="Go on after this assessment, which a replay that was stopped prints.",
)
@click.pass_context
def replay(ctx: click.Context, after: tuple[str, int]) -> None:
    """Compute every stored assessment again, by the rules that it was computed by.

    Each result, trace and set of reasons must come out the same, byte for byte. The ledger must
    confirm the result, its decisions and its rules. Nothing is changed.
    """
    from screening.records.results.content import count_sealed, is_sealed  # noqa: PLC0415 - see above
    from screening.records.results.replay import Replay  # noqa: PLC0415 - the same
    from screening.records.results.replay import replay as replayed  # noqa: PLC0415 - the same

    paper, counts, last = Paper(), Counter[Replay](), after

    def left() -> str:
        return f"{_replay_words(counts)} {_go_on(last)}"

    with open_records() as records, long_work("Replaying", left) as progress:
        if after[0] and not is_sealed(records, after):
            raise NoSuchPlaceError(after)
        total = count_sealed(records, after)
        for each in replayed(records, after):
            counts[each.result] += 1
            last = each.kept.case_id, each.kept.number
            if each.result not in (Replay.SAME, Replay.ERASED):
                progress.clear()
                place = f"case {each.kept.case_id}, assessment {each.kept.number}"
                differing = f": {', '.join(each.parts)}" if each.parts else ""
                paper.text(f"{place}: {each.result.value}{differing}", 2, "- ", fg="red")
            progress(counts.total(), total)
    paper.text(_replay_words(counts))
    if after[0]:
        paper.text("Only the assessments after the one you named were replayed.")
    if counts.total() > counts[Replay.SAME] + counts[Replay.ERASED]:
        ctx.exit(PROBLEMS)


def _replay_words(counts: Counter[Replay]) -> str:
    from screening.records.results.replay import Replay  # noqa: PLC0415 - see above

    return (
        f"{counts.total()} assessments: {counts[Replay.SAME]} come out the same,"
        f" {counts[Replay.DIFFERENT]} differently, {counts[Replay.UNREADABLE]} cannot be read,"
        f" {counts[Replay.ERASED]} belong to erased cases,"
        f" {counts[Replay.DOUBTED]} are not confirmed by the ledger."
    )


def _go_on(last: tuple[str, int]) -> str:
    after = f" --after {last[0]}/{last[1]}" if last[0] else ""
    return f"To go on: screening replay{after}"


@click.command()
@click.argument("name", metavar="NEW_RULES")
@rules_option
@click.option(
    "--csv",
    "table",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write one line for each assessment whose outcome or criteria change.",
)
def impact(name: str, folder: Path | None, table: Path | None) -> None:
    """Show what new rules would change in the stored assessments.

    Each is assessed again by NEW_RULES, with the same answers and the same screening date. Nothing
    is stored.

    \b
    screening impact documented --rules proposed-rules/
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records.results.content import count_sealed  # noqa: PLC0415 - see above
    from screening.records.results.impact import reassess_all  # noqa: PLC0415 - the same

    ruleset = load_ruleset(name, folder)
    found: list[Reassessment] = []
    with open_records() as records, long_work("Assessing again", lambda: UNFINISHED) as progress:
        total = count_sealed(records)
        for each in reassess_all(records, ruleset):
            found.append(each)
            progress(len(found), total)
    _write_impact(Paper(), found, ruleset)
    if table is not None:
        with table.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(_lines(found))
        click.echo(f"Written to {table.name}.", file=sys.stderr)


def _write_impact(paper: Paper, found: list[Reassessment], ruleset: Ruleset) -> None:
    changed = [each for each in found if each.changed]
    paper.title(f"What {ruleset.id} {ruleset.version} ({ruleset.digest[:12]}) would change")
    paper.text(f"{len(found)} assessments: {len(changed)} would have a different outcome.")
    worse = sum(each.favourable_after and not each.favourable_before for each in found)
    if worse:
        words = "assessment becomes" if worse == 1 else "assessments become"
        paper.text(f"{worse} {words} favourable. Look at each.", bold=True, fg="red")
    ways = Counter((each.before, each.after) for each in changed)
    if ways:
        paper.heading("Outcomes")
    for (before, after), count in ways.most_common():
        paper.text(f"{count}: from {before} to {after}", 2, "- ")
    turned = Counter(turn for each in found for turn in each.criterion_changes)
    if turned:
        paper.heading("Criteria")
    for turn, count in turned.most_common():
        was, is_now = turn.before or "not in the rules", turn.after or "not in the rules"
        paper.text(f"{turn.criterion}: {count} from {was} to {is_now}", 2, "- ")


def _lines(found: list[Reassessment]) -> Iterator[tuple[object, ...]]:
    yield HEADINGS
    for each in found:
        if each.changed or each.criterion_changes:
            turned = " ".join(f"{t.criterion}:{t.before}>{t.after}" for t in each.criterion_changes)
            left_out = " ".join(each.left_out)
            yield (each.case_id, each.number, each.before, each.after, turned, left_out)
