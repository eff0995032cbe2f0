"""The words of a ruleset that a patient reads: listed by keys, and put in another language.

There is one list: what ``translate`` hands over. A new field that patients read is one line there.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from screening.core.rules.consistency import Consistency
from screening.core.rules.item import Item, Section
from screening.core.rules.option import OPTION_ROWS, WRITER_ROWS, Option, Statement, Writer
from screening.core.rules.patient_path import PatientPath
from screening.core.rules.ruleset import (
    GRAVE,
    Criterion,
    Disagreement,
    DoctorQuestion,
    Outcome,
    Ruleset,
    Tier,
    Trigger,
)
from screening.core.rules.term import Term
from screening.core.values.citation import Source
from screening.core.values.wording import Wording

BANK = "questions"
"""The file of the questions, among the rule files."""
_COMMA = re.compile("[,\u060c]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientText:
    """A text for the patient, in English.

    ``key`` names it within ``file``, a rule file without its ending. ``emergency`` is true of what
    somebody has to understand to get help in time.
    """

    file: str
    key: str
    text: str
    emergency: bool = False


Say = Callable[[PatientText], str]
"""Gives the words for a text in another language, or the text itself."""


def patient_texts(ruleset: Ruleset) -> tuple[PatientText, ...]:
    """Every text of a ruleset that a patient reads, in the order of the rule files."""
    found: list[PatientText] = []

    def note(text: PatientText) -> str:
        found.append(text)
        return text.text

    translate(ruleset, note)
    return tuple(found)


def translate(ruleset: Ruleset, say: Say) -> Ruleset:
    """The ruleset with its patient's words as ``say`` gives them; all else is the same.

    It is assessed by the original, whose digest it keeps: nothing is compiled or proved again.
    Quotations, titles and publishers stay in the language of the source.
    """
    return _Translation(ruleset, say).whole()


class _Translation:
    def __init__(self, ruleset: Ruleset, say: Say) -> None:
        self._ruleset, self._say = ruleset, say
        self._emergencies = ruleset.items_of(Tier.EMERGENCY)

    def whole(self) -> Ruleset:
        rules = self._ruleset
        return replace(
            rules,
            original=rules.logic,
            sections=tuple(map(self._section, rules.sections)),
            items={link_id: self._item(item) for link_id, item in rules.items.items()},
            criteria=tuple(map(self._criterion, rules.criteria)),
            outcomes=tuple(map(self._outcome, rules.outcomes)),
            open_outcome=rules.open_outcome and self._outcome(rules.open_outcome),
            doctor_questions=tuple(map(self._doctor_question, rules.doctor_questions)),
            consistency=tuple(map(self._consistency, rules.consistency)),
            disagreements=tuple(map(self._disagreement, rules.disagreements)),
            options=tuple(map(self._option, rules.options)),
            writers=tuple(map(self._writer, rules.writers)),
            sources=dict(self._sources()),
            terms={each.id: self._term(each) for each in rules.terms.values()},
            patient_path=self._path(rules.patient_path),
        )

    def _section(self, section: Section) -> Section:
        say = self._of(BANK, "sections", section.id)
        return replace(section, title=say("title", section.title))

    def _item(self, item: Item) -> Item:
        grave = item.link_id in self._emergencies
        say = self._of(BANK, "items", item.link_id)
        sign = self._of(BANK, "items", item.link_id, emergency=grave)
        return replace(
            item,
            name=say("name", item.name),
            ask=sign("ask", item.ask),
            help=sign("help", item.help),
            why=say("why", item.why),
            choices={code: sign(f"choices.{code}", each) for code, each in item.choices.items()},
            unit=say("unit", item.unit),
            sign=sign("sign", item.sign),
            unsure=sign("unsure", item.unsure),
        )

    def _path(self, path: PatientPath | None) -> PatientPath | None:
        if path is None:
            return None
        say = self._of(BANK, "patient_path", "scan")
        return replace(path, title=say("title", path.title), report=self._report(path.report))

    def _report(self, report: Item) -> Item:
        say = self._of(BANK, "patient_path", "report")
        return replace(
            report,
            name=say("name", report.name),
            ask=say("ask", report.ask),
            help=say("help", report.help),
            why=say("why", report.why),
        )

    def _criterion(self, criterion: Criterion) -> Criterion:
        """With the words of its flag, the only ones of it that patients read."""
        grave = criterion.tier is Tier.EMERGENCY
        say = self._of(criterion.ruleset, "criteria", criterion.id, emergency=grave)
        if criterion.flag_text is criterion.unmet:
            return replace(criterion, unmet=say("unmet", criterion.unmet))
        return replace(criterion, say=say("say", criterion.say))

    def _outcome(self, outcome: Outcome) -> Outcome:
        """With the advice of the gravest and of the open one; patients read no other."""
        if outcome.tier not in GRAVE and outcome.trigger is not Trigger.OPEN:
            return outcome
        grave = outcome.tier is Tier.EMERGENCY
        say = self._of(self._ruleset.id, "outcomes", outcome.id, emergency=grave)
        return replace(outcome, say=say("say", outcome.say))

    def _doctor_question(self, question: DoctorQuestion) -> DoctorQuestion:
        say = self._of(question.ruleset, "ask", question.id)
        unknown = say("if_unknown", question.if_unknown)
        return replace(question, say=say("say", question.say), if_unknown=unknown)

    def _consistency(self, rule: Consistency) -> Consistency:
        say = self._of(rule.ruleset, "consistency", rule.id)
        return replace(rule, say=say("say", rule.say))

    def _disagreement(self, topic: Disagreement) -> Disagreement:
        say = self._of(self._ruleset.id, "disagreements", topic.id)
        positions = tuple(
            replace(each, say=say(f"positions.{number}", each.say))
            for number, each in enumerate(topic.positions, start=1)
        )
        return replace(topic, topic=say("topic", topic.topic), positions=positions)

    def _option(self, option: Option) -> Option:
        say = self._of(self._ruleset.id, "options", option.id)
        rows: dict[str, Any] = {row: _statements(say, row, option.row(row)) for row in OPTION_ROWS}
        return replace(option, name=say("name", option.name), **rows)

    def _writer(self, writer: Writer) -> Writer:
        say = self._of(self._ruleset.id, "writers", writer.id)
        rows: dict[str, Any] = {row: _statements(say, row, writer.row(row)) for row in WRITER_ROWS}
        return replace(writer, name=say("name", writer.name), **rows)

    def _term(self, term: Term) -> Term:
        say = self._of(BANK, "terms", term.id)
        forms = _COMMA.split(str(say("forms", ", ".join(term.forms))))
        return replace(term, forms=tuple(each.strip() for each in forms), say=say("say", term.say))

    def _sources(self) -> Iterator[tuple[str, Source]]:
        """With what each is, said in the file that declares it; of other files there is none."""
        homes = {key: part.id for part in self._ruleset.parts for key in part.sources}
        for key, source in self._ruleset.sources.items():
            say = self._of(homes[key], "sources", key) if key in homes else None
            yield key, replace(source, kind=say("kind", source.kind)) if say else source

    def _of(
        self, file: str, kind: str, owner: str, *, emergency: bool = False
    ) -> Callable[..., Any]:
        """Says the texts of one thing; a field that it does not have stays as it is."""

        def said(field: str, words: Wording | str | None) -> Wording | str | None:
            if not words:
                return words
            english = words.patient if isinstance(words, Wording) else words
            key = f"{kind}.{owner}.{field}"
            text = PatientText(file=file, key=key, text=english, emergency=emergency)
            other = self._say(text)
            return replace(words, patient=other) if isinstance(words, Wording) else other

        return said


def _statements(
    say: Callable[..., Any], row: str, statements: tuple[Statement, ...]
) -> tuple[Statement, ...]:
    """The statements of a row; each is named by its place in it."""
    return tuple(
        replace(each, say=say(f"{row}.{number}", each.say))
        for number, each in enumerate(statements, start=1)
    )
