"""A suite of examples, generated from a ruleset."""

import datetime as dt

from screening.core.compiled.model import model_of
from screening.core.rules.ruleset import Ruleset
from screening.formats.examples.example_writer import write_examples
from screening.proof.examples.cover import Cover, cover
from screening.words.auditor.covers import cover_lines


def generate_examples(ruleset: Ruleset, as_of: dt.date | None = None) -> tuple[str, Cover]:
    """An examples file as text, and what its examples cover; the same every time.

    Beside the examples of ``proof.cover`` it holds one with no answers at all, in which every
    criterion is open, if the ruleset has an outcome for that.

    Args:
        ruleset: one with outcomes.
        as_of: their screening date; by default the day on which the rules take effect.

    Raises:
        BudgetError: if the rules are too entangled.
    """
    day = as_of or ruleset.parts[0].effective_from
    found = cover(model_of(ruleset), day)
    examples = [*found.examples, {}] if ruleset.open_outcome else found.examples
    return write_examples(ruleset, day, found.base, examples, cover_lines(found)), found
