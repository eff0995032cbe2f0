"""Assessments as JSON text, made of fragments that are encoded once for each ruleset.

Most of an assessment is quoted passages and names, which are the same each time. The text is that
of ``answers_json.write_assessment``, byte by byte.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from screening.core.results.assess import Assessment, Flag, Severity
from screening.core.results.findings import CriterionFinding
from screening.core.rules.condition import Within, tests_in
from screening.core.rules.finding import Answers
from screening.core.rules.ruleset import Criterion, Ruleset
from screening.core.values.answer import AbsentReason, Answer, Value
from screening.core.values.truth import Truth
from screening.core.values.wording import Wording
from screening.formats.documents.answers_json import (
    FORMAT,
    write_answer,
    write_citations,
    write_flag,
    write_frame,
)

_MOST_RULESETS = 32
_MOST_ANSWERS = 10_000
_MOST_TEXTS = 4_000
_NAMES = ("id", "ruleset", "tier", "truth", "needs", "evidence", "citations")
"""The parts of a written criterion, in the order of ``answers_json``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A way to write JSON. ``is_sorted`` says that names are in alphabetical order."""

    encode: Callable[[object], str]
    colon: str
    comma: str
    is_sorted: bool

    def order(self, names: Iterable[str]) -> list[str]:
        """The names in the order in which they are written."""
        return sorted(names) if self.is_sorted else list(names)

    def write_object(self, parts: Mapping[str, str]) -> str:
        """An object of parts that are encoded already."""
        named = [f"{self.encode(name)}{self.colon}{parts[name]}" for name in self.order(parts)]
        return f"{{{self.comma.join(named)}}}"


PLAIN = Style(encode=json.JSONEncoder().encode, colon=": ", comma=", ", is_sorted=False)
"""As ``json.dumps`` writes it."""
CANONICAL = Style(
    encode=json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode,
    colon=":",
    comma=",",
    is_sorted=True,
)
"""As RFC 8785 wants it: an assessment has whole numbers, and names in ASCII."""


def write_assessment_text(assessment: Assessment, style: Style = PLAIN, form: int = FORMAT) -> str:
    """An assessment as JSON text.

    Args:
        assessment: what to write.
        style: how to write it.
        form: see ``answers_json.write_assessment``.
    """
    fragments = _fragments_of(assessment.ruleset, style)
    frame = style.encode(write_frame(assessment, form))
    # Within a string a quotation mark follows a backslash: nothing else looks like these names.
    before, criteria, rest = frame.partition(f'"criteria"{style.colon}')
    between, flags, after = rest.removeprefix("[]").partition(f'"flags"{style.colon}')
    listed = style.comma.join(map(fragments.flag, assessment.flags))
    told = [before, criteria, *fragments.criteria(assessment), between, flags, "[", listed, "]"]
    return "".join([*told, after.removeprefix("[]")])


class _Fragments:
    """The parts of an assessment that are the same each time, encoded in one style."""

    def __init__(self, ruleset: Ruleset, style: Style) -> None:
        self._ruleset, self._style = ruleset, style
        self._rank = {link_id: rank for rank, link_id in enumerate(ruleset.items)}
        self._truths = {truth: style.encode(truth.value) for truth in Truth}
        self._constant = {each.id: self._pieces(each) for each in ruleset.criteria}
        self._answers: dict[tuple[str, Value | None, AbsentReason | None], str] = {}
        self._flags: dict[tuple[str, Severity, Wording], str] = {}
        self._undated = {each.id for each in ruleset.criteria if not _reads_a_date(each)}
        self._texts: dict[int, tuple[CriterionFinding, str]] = {}

    def criteria(self, assessment: Assessment) -> list[str]:
        """The criteria of an assessment as parts of text."""
        parts: list[str] = []
        for found in assessment.findings:
            kept = self._texts.get(id(found))
            if kept and kept[0] is found:
                parts.append(kept[1])
            else:
                parts.append(self._criterion(found, assessment.answers))
        return ["[", self._style.comma.join(parts), "]"]

    def flag(self, flag: Flag) -> str:
        """A flag as text."""
        key = flag.criterion.id, flag.severity, flag.text
        if key not in self._flags:
            self._flags[key] = self._style.encode(write_flag(flag, self._ruleset))
        return self._flags[key]

    def _criterion(self, found: CriterionFinding, answers: Answers) -> str:
        """A criterion as text; it is kept with its finding, which many assessments share.

        Where it reads a date, it may rest on answers that are not in its finding.
        """
        finding, style = found.finding, self._style
        head, one, other, tail = self._constant[found.criterion.id]
        truth, needs = self._truths[finding.truth], style.encode(self._listed(finding.needs))
        listed = style.order(self._listed(finding.evidence()))
        told = [self._answer(link_id, answers[link_id]) for link_id in listed]
        known = f"{{{style.comma.join(told)}}}"
        text = f"{head}{truth}{one}{needs}{other}{known}{tail}"
        if style.is_sorted:
            text = f"{head}{known}{one}{needs}{other}{truth}{tail}"
        if found.criterion.id in self._undated:
            if len(self._texts) >= _MOST_TEXTS:
                self._texts.clear()
            self._texts[id(found)] = found, text
        return text

    def _listed(self, link_ids: AbstractSet[str]) -> list[str]:
        """The link ids in the order of the questionnaire."""
        return sorted(link_ids, key=self._rank.__getitem__)

    def _answer(self, link_id: str, answer: Answer) -> str:
        """A question with its answer, as a part of an object."""
        key = link_id, answer.value, answer.absent
        found = self._answers.get(key)
        if found is None:
            style = self._style
            found = f"{style.encode(link_id)}{style.colon}{style.encode(write_answer(answer))}"
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            self._answers[key] = found
        return found

    def _pieces(self, criterion: Criterion) -> tuple[str, str, str, str]:
        """The text of a criterion around its truth, its needs and its evidence."""
        style, gap = self._style, "\0"
        constant: dict[str, object] = {
            "id": criterion.id,
            "ruleset": criterion.ruleset,
            "tier": criterion.tier.value,
            "citations": write_citations(criterion.citations, self._ruleset),
        }
        parts = {name: style.encode(constant[name]) if name in constant else gap for name in _NAMES}
        head, one, other, tail = style.write_object(parts).split(gap)
        return head, one, other, tail


@lru_cache(maxsize=_MOST_RULESETS)
def _fragments_of(ruleset: Ruleset, style: Style) -> _Fragments:
    """The fragments of a ruleset, made once for as long as it is in use."""
    return _Fragments(ruleset, style)


def _reads_a_date(criterion: Criterion) -> bool:
    return any(isinstance(test, Within) for test in tests_in(criterion.condition))
