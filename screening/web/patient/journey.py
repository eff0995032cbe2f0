"""The way through the questions. It is worked out again from the answers for every page."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from screening.core.results.assess import find_deciding_items
from screening.core.rules.finding import evaluate
from screening.core.rules.item import Item, Section
from screening.core.rules.patient_path import REPORT
from screening.core.rules.ruleset import Criterion, Ruleset, Tier
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth
from screening.web.patient.lane import Gap, Lane


class SectionPlace(NamedTuple):
    """A section, its number from 1, and how many there are, once the answers say which."""

    section: Section
    number: int
    total: int | None


@dataclass(frozen=True)
class Journey:
    """The questions that these answers call for, in their order.

    ``report`` is the answer to the question for the scan report, which no rule reads.
    """

    ruleset: Ruleset
    answers: Mapping[str, Answer]
    as_of: dt.date
    report: Answer | None = None

    @cached_property
    def lane(self) -> Lane:
        """The questions that may be put."""
        return Lane(self.ruleset, self.answers, self.as_of, self.report)

    @cached_property
    def steps(self) -> tuple[Item, ...]:
        """The questions that are put, in their order; the one for the report is among them."""
        path = self.lane.path
        matter = self._mattering | ({path.first, REPORT} if path else set())
        return tuple(item for item in self.lane.put if item.link_id in matter)

    @property
    def path(self) -> tuple[Item, ...]:
        """The items that are put: those called for whose answers can change what is shown."""
        return tuple(item for item in self.steps if item.link_id != REPORT)

    @property
    def left_out(self) -> tuple[Item, ...]:
        """The questions that are called for and not put, because no answer could matter."""
        return tuple(i for i in self.lane.called_for if i.link_id not in self._mattering)

    @property
    def not_asked(self) -> tuple[Item, ...]:
        """The questions that could matter, and are not put to this patient all the same."""
        return (*self.not_asked_for(Gap.REPORT), *self.not_asked_for(Gap.SCAN))

    def not_asked_for(self, gap: Gap) -> tuple[Item, ...]:
        """Those of ``not_asked`` that are not put for one reason."""
        called_for = (i for i in self.lane.called_for if i.link_id in self._mattering)
        return tuple(item for item in called_for if self.lane.gap(item) is gap)

    @cached_property
    def _mattering(self) -> frozenset[str]:
        """The items that are answered, or whose answers can change what is shown."""
        deciding = find_deciding_items(self.ruleset, self.answers, self.as_of)
        return deciding | self.answers.keys()

    def steps_in(self, section: Section) -> list[Item]:
        """The questions of one section that are put."""
        return [item for item in self.steps if self.lane.section_id(item) == section.id]

    def after(self, link_id: str) -> str | None:
        """The question that follows, if any."""
        place = self._place(link_id)
        return next((i.link_id for i in self.steps if self._place(i.link_id) > place), None)

    def before(self, link_id: str) -> str | None:
        """The question that comes before, if any."""
        place = self._place(link_id)
        earlier = [i.link_id for i in self.steps if self._place(i.link_id) < place]
        return earlier[-1] if earlier else None

    def first_open(self) -> str | None:
        """The first question that has no answer yet."""
        return next((i.link_id for i in self.steps if not self._is_answered(i)), None)

    def _is_answered(self, item: Item) -> bool:
        return self.report is not None if item.link_id == REPORT else item.link_id in self.answers

    def section_of(self, link_id: str) -> SectionPlace:
        """A question's section, and its place among those that this patient is asked about."""
        (asked,) = (item for item in self.lane.order if item.link_id == link_id)
        sections = self.lane.sections_of((*self.lane.put, asked))
        ids = [section.id for section in sections]
        place = ids.index(self.lane.section_id(asked))
        return SectionPlace(
            section=sections[place],
            number=place + 1,
            total=len(sections) if self.lane.is_known else None,
        )

    @property
    def emergencies(self) -> tuple[Criterion, ...]:
        """The emergency criteria that hold by the answers so far."""
        return tuple(self._emergencies(self.answers))

    def alarms(self, link_id: str) -> tuple[Criterion, ...]:
        """The emergency criteria that hold because of the answer to one question."""
        others = {key: value for key, value in self.answers.items() if key != link_id}
        before = self._emergencies(others)
        return tuple(each for each in self._emergencies(self.answers) if each not in before)

    def doubt(self, link_id: str) -> Item | None:
        """The question, if it was answered without saying whether an emergency criterion holds."""
        answer = self.answers.get(link_id)
        if answer is None or answer.known:
            return None
        unsure = any(each.tier is Tier.EMERGENCY for each in self.ruleset.readers(link_id))
        return self.ruleset.items[link_id] if unsure else None

    def _emergencies(self, answers: Mapping[str, Answer]) -> list[Criterion]:
        return [
            criterion
            for criterion in self.ruleset.criteria
            if criterion.tier is Tier.EMERGENCY
            and evaluate(criterion.condition, answers, self.as_of).truth is Truth.TRUE
        ]

    def _place(self, link_id: str) -> int:
        return [item.link_id for item in self.lane.order].index(link_id)
