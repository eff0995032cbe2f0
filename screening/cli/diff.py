"""``screening diff``: what two rulesets have and have not in common."""

from pathlib import Path

import click

from screening.cli.boundary import WrongUsageError
from screening.cli.paper import Paper
from screening.core.ruleset import Ruleset
from screening.formats.difflines import difference_lines
from screening.proof.diff import compare
from screening.records.rulefiles import load_ruleset, today

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
def diff(old: Path, new: Path) -> None:
    """Compare two rule files: OLD and NEW, each with its questions and included files beside it.

    Every way in which an outcome can differ is listed with the nearest patient for whom it does,
    then every criterion, question and source that changed. Rules that act alike are proved equal.

    \b
    screening diff last-year/documented.yaml rules/documented.yaml
    """  # noqa: D301 - click reads \b as "do not wrap"
    before, after = _load(old), _load(new)
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
