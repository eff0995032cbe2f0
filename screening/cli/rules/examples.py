"""``screening examples``: generate examples from a ruleset, and run all that there are."""

from pathlib import Path

import click

from screening.cli.terminal.errors import PROBLEMS, print_problems
from screening.cli.terminal.options import rules_option
from screening.cli.terminal.paper import Paper
from screening.core.rules.ruleset import Ruleset
from screening.errors import NoOutcomesError
from screening.files.example_coverage import ExampleCoverage, generated_path, read_coverage
from screening.files.generated_examples import generate_examples
from screening.files.rule_files import load_ruleset
from screening.words.auditor.covers import cover_lines
from screening.words.shared.labels import TRUTH_WORDS


@click.group()
def examples() -> None:
    """Generate examples from the rules, or run the examples.

    \b
    screening examples run
    screening examples generate
    """  # noqa: D301 - click reads \b as "do not wrap"


@examples.command()
@click.argument("name", default="documented")
@rules_option
@click.option("--print", "printed", is_flag=True, help="Print them instead of writing the file.")
def generate(name: str, folder: Path | None, *, printed: bool) -> None:
    """Write examples that notice every change of the rules that can be noticed.

    NAME is documented if left out. They show each test of an answer deciding, each boundary from
    both sides, and they are as few as can be, or the gap is said. The file is in the folder
    `generated` beside the rules; it is written again each time.

    \b
    screening examples generate
    screening examples generate clinic --rules my-rules/
    """  # noqa: D301 - click reads \b as "do not wrap"
    ruleset = _load_assessable(name, folder)
    text, cover = generate_examples(ruleset)
    if printed:
        click.echo(text, nl=False)
        return
    path = generated_path(ruleset, folder)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    paper = Paper()
    for line in cover_lines(cover):
        paper.text(line)
    paper.text(f"Written to {path.parent.name}/{path.name}.", fg="green")


@examples.command()
@click.argument("name", default="documented")
@rules_option
def run(name: str, folder: Path | None) -> None:
    """Run the written and the generated examples. NAME is documented if left out.

    The exit status is 1 if an example has another result than expected, if a criterion has no
    example in which it is met, not met or not known, or if the rules have changed since the
    examples were generated.
    """
    ruleset = _load_assessable(name, folder)
    found = read_coverage(ruleset, folder)
    if found.problems:
        print_problems(found.problems, err=True)
    _write_coverage(Paper(), ruleset, found)
    if found.problems or found.missing or found.stale:
        click.get_current_context().exit(PROBLEMS)


def _load_assessable(name: str, folder: Path | None) -> Ruleset:
    ruleset = load_ruleset(name, folder)
    if not ruleset.outcomes:
        raise NoOutcomesError(ruleset.id)
    return ruleset


def _write_coverage(paper: Paper, ruleset: Ruleset, found: ExampleCoverage) -> None:
    total = found.written + found.generated
    colour = "red" if found.differing else "green"
    paper.text(
        f"{total - found.differing} of {total} examples come out as expected"
        f" ({found.written} written, {found.generated} generated).",
        fg=colour,
    )
    paper.text(
        f"{found.covered} of {len(ruleset.criteria)} criteria have examples of every finding."
    )
    for criterion_id, truths in found.missing.items():
        never = " or ".join(TRUTH_WORDS[truth] for truth in truths)
        paper.text(f"`{criterion_id}` has no example in which it is {never}.", 2, "- ", fg="red")
    if found.stale:
        again = "`screening examples generate` writes them again."
        paper.text(f"The generated examples were made from different rules: {again}", fg="red")
