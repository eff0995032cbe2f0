"""Examples: answers that a rule's author wrote beside the rule, with what must come of them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from screening.core.results.assess import Assessment, assess
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import AbsentReason, Answer
from screening.core.values.truth import Truth
from screening.errors import DocumentError, Problem
from screening.formats.answers.text import MisfitError, parse_codes, parse_text
from screening.formats.yaml.cursor import Cursor
from screening.formats.yaml.hints import near
from screening.formats.yaml.reader import in_order, read_nodes

_UNANSWERED = "unanswered"
_UNKNOWN = "unknown"
_SOME = 5
"""So many further lines of a problem are named."""
_LISTS = ("possible", "flags", "needs", "set_aside", "contradictions")


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """Named answers that several examples share."""

    name: str
    cursor: Cursor
    as_of: dt.date
    answers: Mapping[str, Answer]


@dataclass(slots=True)
class Example:
    """One example. ``lists`` and ``truths`` hold what its author expects, where said.

    ``own`` are the items that it answers itself, or takes from its base.
    """

    name: str
    cursor: Cursor
    as_of: dt.date
    answers: dict[str, Answer]
    outcome: str
    base: Base | None = None
    own: frozenset[str] = frozenset()
    lists: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    truths: dict[str, Truth] = field(default_factory=dict[str, Truth])


def read_examples(source: str, data: bytes, ruleset: Ruleset) -> list[Example]:
    """Read an example file.

    Raises:
        DocumentError: with every problem of the file.
    """
    node, reporter = read_nodes(source, data)
    examples: list[Example] = []
    if node is not None:
        fields = Cursor(node, reporter).fields(("examples_of", "as_of", "examples"), ("bases",))
        _check_name(fields, ruleset)
        reader = _Reader(fields, ruleset)
        examples = [each for each in map(reader.read, reader.entries()) if each]
    if reporter.problems:
        raise DocumentError(_once_each(in_order(reporter.problems)))
    return examples


def _once_each(problems: Sequence[Problem]) -> list[Problem]:
    """The problems, alike ones as one that names the other lines: a changed question makes many."""
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for each in problems:
        alike.setdefault((each.code, each.message, each.hint), []).append(each)
    return [_counted(*each) for each in alike.values()]


def _counted(first: Problem, *others: Problem) -> Problem:
    if not others:
        return first
    lines = [str(each.place.line) for each in others]
    more = f" and {len(lines) - _SOME} more" if len(lines) > _SOME else ""
    message = f"{first.message}, here and on the lines {', '.join(lines[:_SOME])}{more}"
    return first._replace(message=message)


def _check_name(fields: Mapping[str, Cursor], ruleset: Ruleset) -> None:
    if "examples_of" in fields and fields["examples_of"].word != ruleset.id:
        message = f"these examples are checked against `{ruleset.id}`"
        fields["examples_of"].report("wrong-name", message, f"write `examples_of: {ruleset.id}`")


def check_example(example: Example, ruleset: Ruleset) -> list[Problem]:
    """Run an example; the problems say how its result differs from what its author expects."""
    result = assess(ruleset, example.answers, example.as_of)
    outcome = result.outcome.id if result.outcome else "none"
    compared = [("the outcome", {outcome}, {example.outcome})]
    compared += [(f"`{n}`", set(_list_of(result, n)), set(x)) for n, x in example.lists.items()]
    compared += [
        (f"the truth of `{name}`", {result.finding(name).truth.value}, {truth.value})
        for name, truth in example.truths.items()
    ]
    return [_difference(example, *each) for each in compared if each[1] != each[2]]


def _difference(example: Example, what: str, found: set[str], expected: set[str]) -> Problem:
    message = f"in the example `{example.name}`, {what} is {_listed(found)}"
    hint = f"its author expects {_listed(expected)}"
    return example.cursor.problem("example-differs", message, hint)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "empty"


def _list_of(result: Assessment, name: str) -> list[str]:
    if name == "flags":
        return [flag.criterion.id for flag in result.flags]
    if name == "contradictions":
        return [each.rule.id for each in result.contradictions]
    return list(getattr(result, name))


class _Reader:
    """Reads the examples of one file against a ruleset."""

    def __init__(self, fields: Mapping[str, Cursor], ruleset: Ruleset) -> None:
        self._ruleset, self._fields = ruleset, fields
        self._as_of = (fields["as_of"].date() if "as_of" in fields else None) or dt.date.max
        self._bases: dict[str, Base] = {}
        for key, value in fields["bases"].entries() if "bases" in fields else ():
            answers = self._answers(value, {}, self._as_of)
            self._bases[key.word] = Base(key.word, key, self._as_of, answers)

    def entries(self) -> list[tuple[Cursor, Cursor]]:
        return self._fields["examples"].entries() if "examples" in self._fields else []

    def read(self, entry: tuple[Cursor, Cursor]) -> Example | None:
        key, value = entry
        fields = value.fields(("expect",), ("base", "answers", "as_of"))
        as_of = (fields["as_of"].date() if "as_of" in fields else None) or self._as_of
        base = self._base(fields)
        answers = dict(base.answers) if base else {}
        if "answers" in fields:
            answers = self._answers(fields["answers"], answers, as_of)
        if "expect" not in fields:
            return None
        expect = fields["expect"].fields(("outcome",), (*_LISTS, "truth"))
        return Example(
            name=key.word,
            cursor=key,
            as_of=as_of,
            answers=answers,
            outcome=self._outcome(expect),
            base=base,
            own=frozenset(fields["answers"].keys()) if "answers" in fields else frozenset(),
            lists={name: self._names(expect[name], name) for name in _LISTS if name in expect},
            truths=self._truths(expect["truth"]) if "truth" in expect else {},
        )

    def _base(self, fields: Mapping[str, Cursor]) -> Base | None:
        if "base" not in fields:
            return None
        cursor = fields["base"]
        if cursor.word not in self._bases:
            hint = near(cursor.word, self._bases)
            cursor.report("unknown-base", f"there is no base `{cursor.word}`", hint)
        return self._bases.get(cursor.word)

    def _answers(
        self, cursor: Cursor, base: Mapping[str, Answer], as_of: dt.date
    ) -> dict[str, Answer]:
        answers = dict(base)
        for key, value in cursor.entries():
            item = self._ruleset.items.get(key.word)
            if item is None:
                hint = near(key.word, self._ruleset.items)
                key.report("unknown-item", f"unknown item `{key.word}`", hint)
            elif value.word == _UNANSWERED:
                answers.pop(key.word, None)
            elif (answer := self._answer(item, value, as_of)) is not None:
                answers[key.word] = answer
        return answers

    def _answer(self, item: Item, value: Cursor, as_of: dt.date) -> Answer | None:
        """The answer; None, and a problem, if it does not fit its item."""
        if value.word == _UNKNOWN:
            return Answer(absent=AbsentReason.ASKED_UNKNOWN)
        try:
            if item.type is ItemType.CHOICES and value.is_list:
                codes = [code.word for code in value.parts()]
                return Answer(value=parse_codes(item, codes, as_of))
            return Answer(value=parse_text(item, value.word, as_of))
        except MisfitError as misfit:
            message = f"this is no answer to `{item.link_id}`"
            value.report("misfit", message, f"expected: {misfit.expectation}, or `{_UNKNOWN}`")
            return None

    def _outcome(self, expect: Mapping[str, Cursor]) -> str:
        if "outcome" not in expect:
            return ""
        known = [each.id for each in self._ruleset.results]
        return self._known(expect["outcome"], known, "outcome")

    def _names(self, cursor: Cursor, name: str) -> frozenset[str]:
        known = {
            "possible": [each.id for each in self._ruleset.outcomes],
            "flags": [each.id for each in self._ruleset.criteria],
            "contradictions": [each.id for each in self._ruleset.consistency],
        }.get(name, list(self._ruleset.items))
        return frozenset(self._known(each, known, name) for each in cursor.parts())

    def _truths(self, cursor: Cursor) -> dict[str, Truth]:
        known = [each.id for each in self._ruleset.criteria]
        read = {self._known(k, known, "truth"): v.member(Truth) for k, v in cursor.entries()}
        return {k: truth for k, truth in read.items() if truth is not None and k in known}

    def _known(self, cursor: Cursor, known: list[str], kind: str) -> str:
        if cursor.word not in known:
            message = f"`{cursor.word}` is unknown here, under `{kind}`"
            cursor.report("not-one-of", message, near(cursor.word, known))
        return cursor.word
