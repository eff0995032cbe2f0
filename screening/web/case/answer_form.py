"""The answer form of a case; for a person who can only read, a list of its answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import render_template

from screening.core.results.assess import Assessment, Flag, assess, evaluate_ask_if, is_called_for
from screening.core.results.warning_signs import collect_warnings
from screening.core.rules.condition import OneOf
from screening.core.rules.item import Item
from screening.core.rules.ruleset import GRAVE, Ruleset, Tier
from screening.core.values.answer import AbsentReason
from screening.core.values.truth import Truth
from screening.records.case.case_rows import Case
from screening.records.case.history import AnswerEntry, EntryMethod
from screening.translation import gettext, ngettext
from screening.web.case.asked_again import words_to_ask_again
from screening.web.case.frame import STATE_WORDS, case_context, wait_facts
from screening.web.case.known_answers import plain_answers
from screening.web.case.links import answer_links
from screening.web.case.none_of_these import FEWEST, groups_of, may_be_answered_together
from screening.web.case.wording import given_words
from screening.web.forms.fields import AnswerField
from screening.web.forms.visibility import Visibility, is_shown, posted_value
from screening.web.questionnaire.contradictions import contradiction_views
from screening.web.questionnaire.nurse import Intake
from screening.web.questionnaire.result_view import answers_set_aside, red_flags
from screening.web.shell.context import page_context
from screening.web.shell.dates import words_of_moment
from screening.words.nurse.criteria import put_action_first
from screening.words.nurse.result import words_of_cautions
from screening.words.shared.labels import TIER_WORDS

GivenAnswers = Mapping[str, AnswerEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """The notes in the row of a question.

    ``aside`` says that the question is not needed, ``answered`` that it has an answer.
    ``gate`` and ``gate_values`` are the item, and the posted values, that call for the question;
    ``showing`` says whether it is hidden; ``flag`` is what a "yes" says at once, and ``tier`` how
    grave that is. ``sign`` says whether it asks for an emergency sign; ``again`` are the words of a
    box that says it was asked about again, if it has one. ``together`` says whether a "none of
    these" may answer it, and ``none`` whether one did.
    """

    given: str
    aside: bool
    answered: bool
    gate: str
    gate_values: str
    showing: Visibility
    flag: str
    tier: Tier | None
    sign: bool
    again: str
    together: bool
    none: bool


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """The questions without an answer that are called for, and the emergency signs among them.

    ``signs`` are the link ids of those that nobody has ruled out.
    """

    ruleset: Ruleset
    items: tuple[Item, ...]
    signs: tuple[str, ...]

    @classmethod
    def of(cls, assessment: Assessment) -> "OpenQuestions":
        """The open questions of an assessment."""
        answers, as_of = assessment.answers, assessment.as_of
        items = tuple(
            item
            for item in _items()
            if item.link_id not in answers and is_called_for(item, answers, as_of)
        )
        return cls(assessment.ruleset, items, collect_warnings(assessment).open_signs)

    def together(self) -> dict[str, list[Item]]:
        """The questions that a "none of these" would answer now, by the sections that have one."""
        return {
            section: open_now if len(open_now) >= FEWEST else []
            for section, items in groups_of(self.ruleset).items()
            for open_now in [[item for item in items if item in self.items]]
        }

    def sign_words(self, section: str) -> str:
        """The number of signs of a section in words; empty without one."""
        count = sum(self.ruleset.items[each].section == section for each in self.signs)
        return _sign_count(count) if count else ""

    def open_words(self, section: str) -> str:
        """The number of open questions of a section; empty if its signs say that one is open."""
        count = sum(item.section == section for item in self.items)
        return "" if not count and self.sign_words(section) else _open_count(count)


def render_answer_form(case: Case, intake: Intake, given: GivenAnswers, **told: object) -> str:
    """The page of a case's questions.

    Args:
        case: the case as it is stored.
        intake: the form as it is filled in, which may hold more than is stored.
        given: the stored answers.
        told: ``saved`` and ``merged``, what happened since the page was last made.
    """
    assessment = intake.assessed(case.referral.birth_year)
    flags, today = red_flags(assessment), page_context().today()
    still = OpenQuestions.of(assessment)
    sections = [section.id for section, _ in intake.sections]
    rows = _rows(intake, given, assessment)
    return render_template(
        "case/answer_form.html",
        **case_context(case) | told,
        intake=intake,
        errors=intake.errors,
        rows=rows,
        red_flags=flags,
        flags_data=[flag_data(flag) for flag in flags],
        standing=words_of_cautions(assessment.ruleset, assessment.as_of, today),
        contradictions=contradiction_views(assessment, answer_links(case, on_form=True)),
        signs=still.signs,
        together=still.together(),
        finished=_finished_sections(intake, assessment, rows),
        wait_facts=wait_facts(case),
        state_words=STATE_WORDS[case.state],
        counts_of_flags=_flag_counts(),
        absent_codes=" ".join(each.value for each in AbsentReason),
        sign_words={each: still.sign_words(each) for each in sections},
        open_words={each: still.open_words(each) for each in sections},
        counts={each.id: _counts(len(fields)) for each, fields in intake.sections},
        first_open=intake.form.field(still.items[0].link_id).first_id if still.items else "",
        last_change=gettext(
            "{name}, {when}", name=case.touched_by, when=words_of_moment(case.touched_at, today)
        ),
    )


def render_answer_list(case: Case, given: GivenAnswers) -> str:
    """Render the answers in words, for a person who cannot change them."""
    ruleset, today = page_context().ruleset, page_context().today()
    assessment = assess(ruleset, plain_answers(given), today, case.referral.birth_year)
    return render_template(
        "case/answers.html",
        **case_context(case),
        lines={link: given_words(ruleset.items[link], each, today) for link, each in given.items()},
        red_flags=red_flags(assessment),
        standing=words_of_cautions(assessment.ruleset, assessment.as_of, today),
        contradictions=contradiction_views(assessment),
        set_aside=answers_set_aside(assessment),
        signs=collect_warnings(assessment).open_signs,
    )


def hidden_items(assessment: Assessment) -> list[str]:
    """The questions that are not worth showing with these answers."""
    return [item.link_id for item in _items() if not is_shown(item, assessment)]


def flag_data(flag: Flag) -> dict[str, str]:
    """A red flag as the page's script knows it."""
    tier = flag.criterion.tier
    words = put_action_first(flag.criterion, flag.text.nurse)
    return {"tier": tier.value, "tag": TIER_WORDS[tier], "text": words}


def _items() -> Iterable[Item]:
    return page_context().ruleset.items.values()


def _rows(intake: Intake, given: GivenAnswers, assessment: Assessment) -> dict[str, QuestionRow]:
    flags = _flags_of_yes()
    return {
        each.item.link_id: _row(each, given.get(each.item.link_id), assessment, flags)
        for each in intake.form.fields
    }


def _row(
    field: AnswerField,
    answer: AnswerEntry | None,
    assessment: Assessment,
    flags: Mapping[str, tuple[Tier, str]],
) -> QuestionRow:
    item = field.item
    gate = item.ask_if if isinstance(item.ask_if, OneOf) else None
    flag = flags.get(item.link_id)
    return QuestionRow(
        given=given_words(item, answer, page_context().today()) if answer else "",
        aside=not _called_for(item, assessment),
        answered=item.link_id in assessment.answers,
        gate=gate.item if gate else "",
        gate_values=" ".join(sorted(map(posted_value, gate.values))) if gate else "",
        showing=Visibility.of(field, assessment),
        flag=flag[1] if flag else "",
        tier=flag[0] if flag else None,
        sign=item.link_id in page_context().ruleset.items_of(Tier.EMERGENCY),
        again=words_to_ask_again(item.link_id, answer) if answer else "",
        together=may_be_answered_together(item, page_context().ruleset),
        none=answer is not None and answer.how is EntryMethod.NONE_OF_THESE,
    )


def _flags_of_yes() -> dict[str, tuple[Tier, str]]:
    """The flags that a "yes" alone raises, by link id; saving finds the others."""
    yes = frozenset({True})
    return {
        test.item: (criterion.tier, put_action_first(criterion, criterion.say.nurse))
        for criterion in reversed(page_context().ruleset.criteria)
        if criterion.tier in GRAVE and isinstance(test := criterion.condition, OneOf)
        if test.values == yes
    }


def _finished_sections(
    intake: Intake, assessment: Assessment, rows: Mapping[str, QuestionRow]
) -> list[str]:
    """The sections in which nothing is open, unknown, unreadable or a red flag: they are folded.

    A section with a sign that was last asked about on an earlier day is not.
    """
    flags = _flags_of_yes()
    return [
        section.id
        for section, fields in intake.sections
        if all(
            _is_finished(field, assessment, flags) and not rows[field.item.link_id].again
            for field in fields
        )
    ]


def _is_finished(field: AnswerField, assessment: Assessment, flags: Mapping[str, object]) -> bool:
    link_id, answer = field.item.link_id, assessment.answers.get(field.item.link_id)
    if field.errors:
        return False
    if answer is None:
        return not is_called_for(field.item, assessment.answers, assessment.as_of)
    return answer.known and not (link_id in flags and answer.value is True)


def _flag_counts() -> list[str]:
    """The words for each number of red flags, for the script of the page."""
    grave = [each for each in page_context().ruleset.criteria if each.tier in GRAVE]
    return [
        ngettext("{count} red flag: act first", "{count} red flags: act first", count)
        for count in range(len(grave) + 1)
    ]


def _called_for(item: Item, assessment: Assessment) -> bool:
    return evaluate_ask_if(item, assessment.answers, assessment.as_of) is Truth.TRUE


def _counts(most: int) -> dict[str, list[str]]:
    """The words for each number of open questions and signs, for the script of the page."""
    numbers = range(most + 1)
    return {"open": list(map(_open_count, numbers)), "signs": list(map(_sign_count, numbers))}


def _open_count(count: int) -> str:
    return ngettext("{count} left", "{count} left", count) if count else gettext("all answered")


def _sign_count(count: int) -> str:
    return ngettext(
        "{count} emergency sign not ruled out", "{count} emergency signs not ruled out", count
    )
