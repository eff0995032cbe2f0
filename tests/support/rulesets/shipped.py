"""The rule files that are shipped, and answers to them."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from screening.core.compiled.representatives import representatives
from screening.core.results.assess import Assessment, assess
from screening.core.rules.condition import Condition, tests_in
from screening.core.rules.item import Item
from screening.core.rules.option import Option, Writer, statements
from screening.core.rules.ruleset import Outcome, Ruleset
from screening.core.values.answer import AbsentReason, Answer, Value
from screening.core.values.citation import Citation
from screening.core.values.wording import Wording
from screening.files.rule_files import load_examples, load_ruleset
from screening.formats.examples.example_file import Example

ROOT = Path(__file__).parents[3]
EVIDENCE = ROOT.parent / "shared" / "evidence"
"""Where the documents lie on machines that hold them; they are no part of the product."""

Answers = Mapping[str, Answer]
ONSET = dt.date(2026, 10, 5)
"""The onset of the fracture in the favourable case."""


@cache
def ruleset() -> Ruleset:
    return load_ruleset("documented")


def held(rules: Ruleset) -> dict[str, object]:
    """Everything that a ruleset holds; two that were read apart are never equal themselves."""
    return {each.name: getattr(rules, each.name) for each in fields(rules)}


@cache
def examples() -> dict[str, Example]:
    return {example.name: example for example in load_examples(ruleset())}


@cache
def table() -> Any:  # noqa: ANN401 - a table of JSON
    return json.loads((ROOT / "tests" / "data" / "evidence.json").read_text("utf-8"))


def favourable() -> Answers:
    """The answers that meet everything, in the words of the rules' own cases."""
    return examples()["everything_met"].answers


def as_of() -> dt.date:
    return examples()["everything_met"].as_of


def judged(**changes: Value | None) -> Assessment:
    """The favourable case with some answers changed; None leaves an answer out.

    What a change makes impossible is changed with it, unless it is said itself.
    """
    answers = dict(favourable())
    for link_id, value in (_going_with(changes) | changes).items():
        answers.pop(link_id, None)
        if value is not None:
            answers[link_id] = Answer(value=value)
    return assess(ruleset(), answers, as_of())


def _going_with(changes: Mapping[str, Value | None]) -> dict[str, Value | None]:
    others: dict[str, Value | None] = {}
    if changes.get("cause") in ("cancer_spread", "myeloma"):
        others["cancer_history"] = True
    if changes.get("imaging_result") in ("shows_none", "not_done"):
        others |= {"imaging_kind": None, "fracture_at_level": None}
    if isinstance(found := changes.get("diagnosis_date"), dt.date) and found < ONSET:
        others["onset_date"] = found
    return others


def outcome(**changes: Value | None) -> str:
    found = judged(**changes).outcome
    assert found
    return found.id


def flags(**changes: Value | None) -> set[str]:
    return {flag.criterion.id for flag in judged(**changes).flags}


def conditions() -> list[Condition]:
    rules = ruleset()
    gates = [item.ask_if for item in rules.items.values() if item.ask_if]
    asked = [question.condition for question in rules.doctor_questions]
    return [*(criterion.condition for criterion in rules.criteria), *gates, *asked]


def values_of(item: Item) -> list[Value]:
    """Values of an item such that every rule treats any other value like one of them."""
    tests = [test for each in conditions() for test in tests_in(each)]
    return representatives(item, [test for test in tests if test.item == item.link_id], as_of())


def states_of(item: Item) -> list[Answer | None]:
    """Every answer that rules can tell apart, an absent one, and none at all."""
    known = [Answer(value=value) for value in values_of(item)]
    return [*known, Answer(absent=AbsentReason.ASKED_UNKNOWN), None]


def changed(answers: Answers, changes: Mapping[str, Answer | None]) -> dict[str, Answer]:
    kept = {link_id: answer for link_id, answer in answers.items() if link_id not in changes}
    return kept | {link_id: answer for link_id, answer in changes.items() if answer is not None}


def citations() -> list[Citation]:
    rules = ruleset()
    positions = chain.from_iterable(topic.positions for topic in rules.disagreements)
    cited = [each.citations for each in rules.criteria]
    cited += [each.citations for each in rules.doctor_questions]
    cited += [each.citations for each in positions]
    cited += [each.citations for each in rules.items.values()]
    cited += [each.citations for each in rules.silent_on.values()]
    cited += [each.citations for _, each in statements((*rules.options, *rules.writers))]
    return list(chain.from_iterable(cited))


def open_outcome() -> Outcome:
    opened = ruleset().open_outcome
    assert opened
    return opened


def wordings() -> list[tuple[str, Wording | None]]:
    """Every wording of the rules, with what it belongs to."""
    rules = ruleset()
    found: list[tuple[str, Wording | None]] = [("title", rules.title)]
    found += [(part.id, part.title) for part in rules.parts]
    found += [(section.id, section.title) for section in rules.sections]
    for item in rules.items.values():
        found += [(item.link_id, words) for words in (item.ask, item.why, item.help)]
        found += [(f"{item.link_id} {code}", words) for code, words in item.choices.items()]
    if path := rules.patient_path:
        report = path.report
        found += [(path.section.id, path.title)]
        found += [(report.link_id, words) for words in (report.ask, report.why, report.help)]
    for criterion in rules.criteria:
        found += [(criterion.id, criterion.say), (criterion.id, criterion.unmet)]
    found += [(outcome.id, outcome.say) for outcome in (*rules.outcomes, open_outcome())]
    found += [(question.id, question.say) for question in rules.doctor_questions]
    for topic in rules.disagreements:
        found += [(topic.id, topic.topic), *((topic.id, each.say) for each in topic.positions)]
    described: list[Option | Writer] = [*rules.options, *rules.writers]
    found += [(each.id, each.name) for each in described]
    found += [(name, each.say) for name, each in statements(described)]
    return found + [(topic, silence.say) for topic, silence in rules.silent_on.items()]
