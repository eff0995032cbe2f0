"""The questions that are put to a patient: a short lane while no scan has shown a break."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from screening.core.results.assess import (
    evaluate_ask_if,
    is_called_for,
    is_put_to_patients,
    meets_shown_if,
)
from screening.core.rules.condition import Condition, items_in
from screening.core.rules.finding import evaluate
from screening.core.rules.item import Finder, Item, Section
from screening.core.rules.patient_path import REPORT, PatientPath
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth

_NEEDS_REPORT = (Finder.REPORT, Finder.CLINICIAN, Finder.OPERATOR)


class Gap(Enum):
    """The reason why a question that the rules call for is not put to this patient."""

    REPORT = auto()
    SCAN = auto()


@dataclass(frozen=True)
class Lane:
    """The questions that may be put to a patient with these answers, in the order of the way.

    ``report`` is the answer to the question for the report, if it was given.
    """

    ruleset: Ruleset
    answers: Mapping[str, Answer]
    as_of: dt.date
    report: Answer | None = None

    @property
    def path(self) -> PatientPath | None:
        """The way of patients, if the rules have one of their own."""
        return self.ruleset.patient_path

    @cached_property
    def order(self) -> tuple[Item, ...]:
        """Every question: the emergency signs, what comes first, the report, and the others."""
        items = list(self.ruleset.items.values())
        if self.path is None:
            return tuple(items)
        first = self.ruleset.items[self.path.first]
        items.remove(first)
        others = (n for n, each in enumerate(items) if each.link_id not in self._signs)
        place = next(others, len(items))
        return (*items[:place], first, self.path.report, *items[place:])

    @cached_property
    def called_for(self) -> tuple[Item, ...]:
        """The items that the rules call for, whether they are put to this patient or not."""
        items = (item for item in self.order if item.link_id in self.ruleset.items)
        return tuple(item for item in items if is_called_for(item, self.answers, self.as_of))

    @cached_property
    def put(self) -> tuple[Item, ...]:
        """The questions that this patient is asked, as far as their answers can matter."""
        put = {item.link_id for item in self.called_for if self.gap(item) is None}
        asked = put | ({REPORT} if self.asks_for_report else set())
        return tuple(item for item in self.order if item.link_id in asked)

    def section_id(self, item: Item) -> str:
        """The id of the section that a question is shown under."""
        leads = self.path is not None and item.link_id == self.path.first
        return self.path.section.id if self.path and leads else item.section

    def sections_of(self, items: Iterable[Item]) -> list[Section]:
        """The sections that some questions are shown under, in their order."""
        shown = {self.section_id(item) for item in items}
        ids = dict.fromkeys(self.section_id(item) for item in self.order)
        return [self._sections[each] for each in ids if each in shown]

    @property
    def _sections(self) -> dict[str, Section]:
        own = (self.path.section,) if self.path else ()
        return {section.id: section for section in (*self.ruleset.sections, *own)}

    @property
    def asks_for_report(self) -> bool:
        """True if the question for the report is called for."""
        if self.path is None:
            return False
        return evaluate_ask_if(self.path.report, self.answers, self.as_of) is Truth.TRUE

    @property
    def is_known(self) -> bool:
        """True once the answers say which questions follow the emergency signs."""
        if self.path is None:
            return True
        answered = self.path.first in self.answers
        return answered and (self.report is not None or not self.asks_for_report)

    def gap(self, item: Item) -> Gap | None:
        """The reason not to put a question, if there is one; what has an answer is always put."""
        if item.link_id in self.answers:
            return None
        if not is_put_to_patients(item, self.answers, self.as_of):
            return Gap.SCAN
        return Gap.REPORT if self._waits(item) else None

    def can_open(self, item: Item) -> bool:
        """True unless the answers so far keep a question from ever being put."""
        if self._waits(item) or not meets_shown_if(item, self.answers, self.as_of):
            return False
        return all(
            self._can_hold(each)
            for each in (item.ask_if, item.patient_shown_if)
            if each is not None
        )

    def _can_hold(self, condition: Condition) -> bool:
        truth = evaluate(condition, self.answers, self.as_of).truth
        is_open = truth is Truth.UNKNOWN and not items_in(condition) <= self.answers.keys()
        return truth is Truth.TRUE or is_open

    @property
    def _has_report(self) -> bool:
        told = self.report is not None and self.report.value is True
        return told and self.asks_for_report

    def _waits(self, item: Item) -> bool:
        """True without the report, if only it or a clinician can tell, or for planning."""
        if self._has_report or self.path is None or item.link_id in {self.path.first, *self._signs}:
            return False
        return item.link_id in self.path.with_report or item.usual_finder in _NEEDS_REPORT

    @cached_property
    def _signs(self) -> frozenset[str]:
        return self.ruleset.items_of(Tier.EMERGENCY)
