"""The content of a patient's sheet, the same for the page, the print, the PDF and the text."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from screening.core.results.assess import Assessment, Flag, assess
from screening.core.results.needs import advice_criteria, unsure_items, urgent_answers
from screening.core.results.sheet_questions import SheetQuestion, sheet_questions
from screening.core.rules.condition import items_in
from screening.core.rules.item import Item
from screening.core.rules.ruleset import GRAVE, Ruleset, Tier
from screening.translation import reader_conventions
from screening.web.patient.missing_words import (
    OTHERS,
    SIGNS,
    TOGETHER,
    NoAnswer,
    group_missing,
)
from screening.web.patient.visit import Visit
from screening.web.shell.context import page_context
from screening.web.shell.templating import warning_signs
from screening.words.nurse.result import words_of_cautions
from screening.words.patient.advice import words_of_advice

FIRST = 3
"""The questions that lead the sheet."""
CARE = "care"
"""The section of the questions about what has been tried."""
_ROOM = 4
"""The lines of warnings beside which the first page has room for letters of the usual size."""
_LINES, _LINES_TRANSLATED = 6, 4
"""The things to find out together for which the first page has room; less beside the notice that
nobody has checked the translation."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the sheet; a private one gives away an answer that is kept off the paper."""

    text: str
    private: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under what was said to them."""

    words: str
    lines: tuple[Line, ...]

    @property
    def private(self) -> bool:
        """True if the paper shows none of its lines."""
        return all(each.private for each in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything on a sheet, in its order."""

    as_of: dt.date
    is_emergency: bool
    is_soon: bool
    standing: tuple[str, ...]
    advice: tuple[str, ...]
    because: tuple[Line, ...]
    unsure_now: tuple[Group, ...]
    unsure_soon: tuple[Group, ...]
    signs: tuple[Line, ...]
    matters: tuple[str, ...]
    questions: tuple[SheetQuestion, ...]
    tried: tuple[Line, ...]
    find_out: tuple[Group, ...]
    find_out_later: tuple[Group, ...]
    answered: tuple[Line, ...]
    misfits: bool
    flags: tuple[Flag, ...]
    warning_signs: tuple[str, ...]
    publishers: tuple[str, ...]
    rules: str
    version: str

    @property
    def is_long(self) -> bool:
        """True if the warnings take so much of the first page that its letters must be small."""
        groups = (*self.unsure_now, *self.unsure_soon)
        unsure = sum(len(each.lines) for each in groups)
        return unsure + len(self.because) + len(self.signs) > _ROOM

    @property
    def has_doubts_now(self) -> bool:
        """True if emergency signs are there or in doubt, and so on the first page by themselves."""
        return self.is_emergency or bool(self.unsure_now)

    @property
    def first_questions(self) -> tuple[SheetQuestion, ...]:
        """The questions on the first page."""
        return self.questions[:FIRST]

    @property
    def other_questions(self) -> tuple[SheetQuestion, ...]:
        """The questions on the second page."""
        return self.questions[FIRST:]

    def on_paper(self) -> "Sheet":
        """The sheet without a trace of what is kept off the paper."""
        return replace(
            self,
            because=_open_lines(self.because),
            unsure_now=_open_groups(self.unsure_now),
            unsure_soon=_open_groups(self.unsure_soon),
            signs=_open_lines(self.signs),
            find_out=_open_groups(self.find_out),
            find_out_later=_open_groups(self.find_out_later),
            answered=_open_lines(self.answered),
        )


def sheet_of(visit: Visit, kept_off: frozenset[str]) -> Sheet:
    """The sheet of the answers so far."""
    ruleset, today = page_context().ruleset, page_context().today()
    assessment = assess(ruleset, visit.form.answers, today)
    maker = _Maker(visit, assessment, kept_off)
    questions = sheet_questions(assessment, visit.matters.picked)
    now, soon = (maker.unsure(tier) for tier in GRAVE)
    raised = frozenset[str]().union(*(each.missing for each in questions))
    most = _LINES_TRANSLATED if reader_conventions() else _LINES
    together = maker.find_out(exclude={*(i.link_id for i in (*now, *soon)), *raised})
    return Sheet(
        as_of=assessment.as_of,
        is_emergency=bool(visit.journey.emergencies),
        is_soon=_is_soon(assessment, soon),
        standing=tuple(words_of_cautions(ruleset, assessment.as_of, today)),
        advice=words_of_advice(assessment, maker.not_asked),
        because=maker.because(),
        unsure_now=maker.groups(now, SIGNS),
        unsure_soon=maker.groups(soon, OTHERS),
        signs=maker.signs(),
        matters=tuple(visit.matters.lines),
        questions=questions,
        tried=maker.tried(),
        find_out=_split(together, most)[0],
        find_out_later=_split(together, most)[1],
        answered=maker.answered(),
        misfits=bool(visit.look_again),
        flags=assessment.flags,
        warning_signs=tuple(warning_signs(ruleset)),
        publishers=_publishers(ruleset, questions, assessment.flags),
        rules=ruleset.id,
        version=ruleset.version,
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the lines of a sheet from what a person said."""

    visit: Visit
    assessment: Assessment
    kept_off: frozenset[str]

    @property
    def not_asked(self) -> frozenset[str]:
        """The questions that were not put because only others can answer them."""
        return frozenset(item.link_id for item in self.visit.journey.not_asked)

    @property
    def told(self) -> list[Item]:
        """The questions that were put and answered, if only by “I do not know”."""
        answers = self.assessment.answers
        return [item for item in self.visit.journey.path if item.link_id in answers]

    def because(self) -> tuple[Line, ...]:
        """The reasons for the advice."""
        criteria = advice_criteria(self.assessment)
        return tuple(
            Line(each.say.patient, not self.kept_off.isdisjoint(items_in(each.condition)))
            for each in criteria
        )

    def unsure(self, tier: Tier) -> list[Item]:
        """The questions that were put, and whose missing answers may hide something grave."""
        told, early = self.told, self.visit.journey.emergencies
        return [
            item
            for item in unsure_items(self.assessment, tier)
            if item.link_id not in self.not_asked
            and (tier is Tier.EMERGENCY or item in told or not early)
        ]

    def groups(self, items: Iterable[Item], words: Mapping[NoAnswer, str]) -> tuple[Group, ...]:
        """Questions without an answer under what was said to them."""
        found = group_missing(items, self.assessment.answers, self.not_asked, words)
        return tuple(
            Group(said, tuple(Line(text, link in self.kept_off) for link, text in listed))
            for said, listed in found
        )

    def signs(self) -> tuple[Line, ...]:
        """The warning signs that are there, in the person's own words."""
        answers = self.assessment.answers
        read = (items_in(each.condition) for each in self.visit.journey.emergencies)
        links = {link for each in read for link in each if link in answers and answers[link].known}
        links |= {item.link_id for item in urgent_answers(self.assessment)}
        items = self.assessment.ruleset.items
        return tuple(self._sign(items[link]) for link in items if link in links)

    def _sign(self, item: Item) -> Line:
        words = item.sign or f"{item.ask.patient} {self.visit.words(item)}"
        return Line(words, item.link_id in self.kept_off)

    def tried(self) -> tuple[Line, ...]:
        """The care that was tried or not, in the words of the answers."""
        answers = self.assessment.answers
        return tuple(
            Line(self.visit.words(item))
            for item in self.told
            if item.section == CARE and item.choices and answers[item.link_id].known
        )

    def find_out(self, exclude: set[str]) -> tuple[Group, ...]:
        """The unknowns that no question of the sheet asks about yet."""
        answers, items = self.assessment.answers, self.assessment.ruleset.items
        links = {each.link_id for each in self.told if not answers[each.link_id].known}
        open_still = (links | self._grave_unasked()) - exclude
        return self.groups((i for link, i in items.items() if link in open_still), TOGETHER)

    def _grave_unasked(self) -> frozenset[str]:
        """The questions about grave signs that were not put, once all others are answered."""
        if self.visit.journey.first_open():
            return frozenset()
        grave = unsure_items(self.assessment, Tier.URGENT)
        return frozenset(item.link_id for item in grave) & self.not_asked

    def answered(self) -> tuple[Line, ...]:
        """Every answer that is known."""
        answers = self.assessment.answers
        return tuple(
            Line(self.visit.words(item), item.link_id in self.kept_off, item.ask.patient)
            for item in self.told
            if answers[item.link_id].known
        )


def _is_soon(assessment: Assessment, unsure: Sequence[Item]) -> bool:
    """True if the advice names a day that no source names."""
    tiers = {flag.criterion.tier for flag in assessment.flags}
    return Tier.EMERGENCY not in tiers and (Tier.URGENT in tiers or bool(unsure))


def _split(groups: Iterable[Group], most: int) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """As many lines as fit, and the rest, each under the words of its group."""
    fit: list[Group] = []
    rest: list[Group] = []
    for group in groups:
        room = max(0, most - sum(len(each.lines) for each in fit))
        fit += [Group(group.words, group.lines[:room])] if room else []
        rest += [Group(group.words, group.lines[room:])] if group.lines[room:] else []
    return tuple(fit), tuple(rest)


def _open_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(each for each in lines if not each.private)


def _open_groups(groups: Iterable[Group]) -> tuple[Group, ...]:
    kept = (Group(each.words, _open_lines(each.lines)) for each in groups)
    return tuple(each for each in kept if each.lines)


def _publishers(
    ruleset: Ruleset, questions: Iterable[SheetQuestion], flags: Iterable[Flag]
) -> tuple[str, ...]:
    """The publishers of the pages that the sheet rests on, in the order of the rules."""
    cited = {each.source for one in questions for each in one.question.citations}
    cited |= {each.source for flag in flags for each in flag.criterion.citations}
    found = (source.publisher for key, source in ruleset.sources.items() if key in cited)
    return tuple(dict.fromkeys(found))
