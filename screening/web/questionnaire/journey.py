"""The way through the questions. It is worked out again from the answers for every page."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from screening.core.results.assess import find_deciding_items, is_called_for
from screening.core.rules.condition import items_in
from screening.core.rules.finding import evaluate
from screening.core.rules.item import Item, Section
from screening.core.rules.ruleset import Criterion, Ruleset, Tier
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth


@dataclass(frozen=True, slots=True)
class Journey:
    """Which questions these answers call for, and in which order."""

    ruleset: Ruleset
    answers: Mapping[str, Answer]
    as_of: dt.date

    @property
    def path(self) -> tuple[Item, ...]:
        """The questions that are put: those called for whose answers can change what is shown."""
        deciding = find_deciding_items(self.ruleset, self.answers, self.as_of)
        told = deciding | self.answers.keys()
        return tuple(item for item in self._called_for if item.link_id in told)

    @property
    def left_out(self) -> tuple[Item, ...]:
        """The questions that are called for and not put, because no answer could matter."""
        path = self.path
        return tuple(item for item in self._called_for if item not in path)

    @property
    def _called_for(self) -> tuple[Item, ...]:
        return tuple(
            item
            for item in self.ruleset.items.values()
            if is_called_for(item, self.answers, self.as_of)
        )

    @property
    def longest(self) -> int:
        """The most questions that can be put: those that anything shown depends on."""
        conditions = [each.condition for each in self.ruleset.criteria]
        conditions += [each.condition for each in self.ruleset.doctor_questions]
        return len({link_id for each in conditions for link_id in items_in(each)})

    def path_in(self, section: Section) -> list[Item]:
        """The questions of one section that are put."""
        return [item for item in self.path if item.section == section.id]

    def after(self, link_id: str) -> str | None:
        """The question that follows, if any."""
        place = self._place(link_id)
        return next((i.link_id for i in self.path if self._place(i.link_id) > place), None)

    def before(self, link_id: str) -> str | None:
        """The question that comes before, if any."""
        place = self._place(link_id)
        earlier = [i.link_id for i in self.path if self._place(i.link_id) < place]
        return earlier[-1] if earlier else None

    def first_open(self) -> str | None:
        """The first question that has no answer yet."""
        return next((i.link_id for i in self.path if i.link_id not in self.answers), None)

    def section_of(self, link_id: str) -> tuple[int, Section]:
        """A question's section, and its number from 1."""
        wanted = self.ruleset.items[link_id].section
        numbered = enumerate(self.ruleset.sections, start=1)
        return next((n, section) for n, section in numbered if section.id == wanted)

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
        return list(self.ruleset.items).index(link_id)
