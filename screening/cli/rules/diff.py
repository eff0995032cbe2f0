"""``screening diff``: what two rulesets have and have not in common."""

from pathlib import Path

import click

from screening.cli.terminal.errors import PROBLEMS, WrongUsageError, print_problems
from screening.cli.terminal.paper import Paper
from screening.core.rules.ruleset import Ruleset
from screening.files.clock import today
from screening.files.rule_files import load_ruleset
from screening.files.rule_texts import load_texts
from screening.formats.rules.reused_versions import EarlierVersion, find_reused_versions
from screening.formats.rules.rule_text import QUESTIONS, RuleText
from screening.proof.comparison.diff import compare
from screening.words.auditor.differences import difference_lines

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.pass_context
def diff(ctx: click.Context, old: Path, new: Path) -> None:
    """Compare two rule files: OLD and NEW, each with its questions and included files beside it.

    Every way in which an outcome can differ is listed with the nearest patient for whom it does,
    then every criterion, question and source that changed. Rules that act alike are proved equal.
    Nothing is proved about answers that contradict each other: the rules that say which answers
    do so are compared only by their words.
    A file that says something else under the same version is refused.

    \b
    screening diff last-year/documented.yaml rules/documented.yaml
    """  # noqa: D301 - click reads \b as "do not wrap"
    before, after = _load(old), _load(new)
    earlier = EarlierVersion(f"than in {old}", {n: t.data for n, t in _texts(old, before).items()})
    if problems := list(find_reused_versions(_texts(new, after), [earlier])):
        print_problems(problems, err=False)
        ctx.exit(PROBLEMS)
    paper = Paper()
    paper.title(f"{before.id} {before.version} and {after.id} {after.version}")
    for line in difference_lines(compare(before, after, today()), before, after):
        paper.text(line, 2, "- ")


def _load(path: Path) -> Ruleset:
    ruleset = load_ruleset(path.stem, path.parent)
    if not ruleset.outcomes:
        raise WrongUsageError(
            f"{path} is a part for other rule files to include, so compare one of those"
        )
    return ruleset


def _texts(path: Path, ruleset: Ruleset) -> dict[str, RuleText]:
    """The files that take part in a ruleset."""
    names = {QUESTIONS, *(part.id for part in ruleset.parts)}
    return {name: text for name, text in load_texts(path.parent).items() if name in names}
