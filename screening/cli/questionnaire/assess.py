"""``screening assess``: an answers document to its result."""

import sys
from pathlib import Path

import click

from screening.cli.questionnaire.result_lines import result_data, write_result
from screening.cli.terminal.options import json_option, rules_option, ruleset_option
from screening.cli.terminal.paper import Paper, print_json
from screening.core.compiled.model import model_of
from screening.core.results.assess import assess as judge
from screening.errors import NoOutcomesError
from screening.files.answer_files import load_answers
from screening.files.clock import today
from screening.files.rule_cache import load_kept_ruleset
from screening.formats.documents.answers_json import read_answers
from screening.formats.documents.strict_json import MAX_CHARACTERS
from screening.proof.explanation.reasons import Explainer


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@ruleset_option
@rules_option
@click.option(
    "--explain",
    is_flag=True,
    help="Also say what would change the result, and what follows from the order of events.",
)
@json_option
def assess(file: str, name: str, folder: Path | None, *, explain: bool, as_json: bool) -> None:
    """Assess an answers document. FILE may be - for the standard input.

    \b
    screening assess answers.json
    screening assess answers.json --explain
    screening assess answers.json --json
    echo '{"as_of": "2026-11-20", "answers": {"age": 74}}' | screening assess -

    \b
    An answer is one of
      true, false                    a yes or no
      "code"                         a choice
      ["code", "code"]               several choices
      3                              a whole number
      "2026-10-01"                   a day
      "2026-10", "2026"              a month, a year
      "2026-10-03/2026-10-20"        some day from one to the other
      {"absent": "asked-unknown"}    not known
    An answer that is left out counts as unknown.
    "as_of" is the screening date. A document without it is refused.
    "birth_year" is the patient's, if it is recorded apart from the answers.
    `screening rules --json` lists the questions with their choices.
    """  # noqa: D301 - click reads \b as "do not wrap"
    ruleset = load_kept_ruleset(name, folder)
    if not ruleset.outcomes:
        raise NoOutcomesError(ruleset.id)
    if file == "-":
        data = sys.stdin.buffer.read(MAX_CHARACTERS + 1)
        answers, as_of, born = read_answers(data, ruleset, today(), "standard input")
    else:
        answers, as_of, born = load_answers(Path(file), ruleset)
    assessment = judge(ruleset, answers, as_of, born)
    explanation = Explainer(model_of(ruleset)).explain(answers, as_of, born)
    if as_json:
        print_json(result_data(assessment, explanation))
    else:
        write_result(Paper(), assessment, explanation, in_full=explain)
