"""A posted answer form on its way to a saved case, and the differences between two savings."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from flask import abort
from werkzeug.datastructures import MultiDict

from screening.core.results.assess import Assessment, assess, is_called_for
from screening.core.results.warning_signs import Warnings, collect_warnings
from screening.core.rules.ruleset import GRAVE, Tier
from screening.core.values.answer import Answer
from screening.records.case.case_rows import Case
from screening.records.case.case_view import CaseView
from screening.records.case.chase_rows import Chase
from screening.records.case.history import Change, EntryMethod
from screening.records.casework.answers import SaveResult, Submission, save_answers
from screening.records.casework.chases import default_due
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor
from screening.web.case.asked_again import AGAIN, links_asked_again
from screening.web.case.due_days import within_window
from screening.web.case.none_of_these import GIVEN, answer_together
from screening.web.case.wording import HOW_WORDS, answer_words, question_name
from screening.web.forms.fields import AnswerField
from screening.web.questionnaire.nurse import Intake
from screening.web.shell.context import page_context
from screening.web.shell.dates import words_of_moment
from screening.web.shell.write_keys import posted_key, posted_version

CHOICE = "choice-"
CHOOSE = mark("Choose which answer to keep")


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer form as it was posted.

    ``only`` names the questions that were on the page as a whole: each has its marker after its
    inputs, so that what was cut off on the way is not taken for left blank. ``chosen`` says for
    questions that two people answered differently whose answer is to stand. ``together`` are the
    questions that were answered with one "none of these"; those of them that are ``ticked`` were
    blank, so that an answer which is stored stays. ``again`` are the emergency signs of which the
    form says that they were asked about again.
    """

    posted: MultiDict[str, str]
    intake: Intake
    version: int
    once: str
    only: tuple[str, ...]
    chosen: Mapping[str, str]
    together: frozenset[str]
    ticked: frozenset[str]
    again: frozenset[str]

    @classmethod
    def read(cls, posted: MultiDict[str, str]) -> "Draft":
        """Read a posted form; one without a version or a key is not of our pages."""
        version, once = posted_version(), posted_key()
        posted, ticked, given = answer_together(posted)
        return cls(
            posted=posted,
            intake=Intake.read(posted),
            version=version,
            once=once,
            only=_posted_links(posted),
            chosen={
                name.removeprefix(CHOICE): value
                for name, value in posted.items()
                if name.startswith(CHOICE) and value in ("theirs", "mine")
            },
            together=ticked | given,
            ticked=ticked,
            again=links_asked_again(posted),
        )

    @property
    def fields(self) -> Iterator[AnswerField]:
        """The fields of the questions that the form names.

        One that does not say which were on the page speaks of those that it answers.
        """
        for field in self.intake.form.fields:
            link_id = field.item.link_id
            spoken = link_id in self.only if self.only else any(field.posted.values())
            if spoken and self.chosen.get(link_id) != "theirs":
                yield field

    def answers(self, base: Mapping[str, Answer]) -> dict[str, Answer | None]:
        """The answers that could be read, with None for what was left blank.

        An answer that the form cannot show, such as a reason that it does not offer, is
        not taken for withdrawn when its question comes back blank.
        """
        read = (field for field in self.fields if not field.errors)
        return {
            field.item.link_id: field.data
            for field in read
            if field.data is not None or _can_show(field, base.get(field.item.link_id))
            if field.item.link_id not in self.ticked or base.get(field.item.link_id) is None
        }

    def undecided(self) -> list[str]:
        """The questions that two people answered differently and that still wait for a choice."""
        asked = self.posted.get("differing", "").split()
        return [
            each
            for each in asked
            if each in page_context().ruleset.items and each not in self.chosen
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A question that was answered differently meanwhile, in words.

    ``own`` tells whether it was the same person who did so, as in another window.
    """

    name: str
    question: str
    before: str
    theirs: str
    whose: str
    own: bool
    mine: str
    chosen: str
    error: str


def save(view: CaseView, draft: Draft, how: EntryMethod) -> SaveResult:
    """Save the readable answers of a form; each unknown one gets its usual chase.

    Raises:
        ConflictError: if somebody else answered one of the questions differently meanwhile. The
            emergency signs that the form answers yes are stored all the same.
    """
    answers = draft.answers(view.history.answers_at(draft.version))
    submission = Submission(
        version=draft.version,
        answers=answers,
        how=how,
        idempotency_key=draft.once,
        urgent=signs_answered_yes(answers),
        together=draft.together,
        again=draft.again & answers.keys(),
    )
    return save_answers(
        view,
        submission,
        find_warnings=partial(find_warnings, view.case.referral.birth_year),
        find_chases=partial(default_chases, view.case, answers.keys()),
    )


def signs_answered_yes(answers: Mapping[str, Answer | None]) -> frozenset[str]:
    """The emergency signs that are answered yes: their answers wait for no choice."""
    yes = {link for link, answer in answers.items() if answer is not None and answer.value is True}
    return page_context().ruleset.items_of(Tier.EMERGENCY) & yes


def unsaved_signs(view: CaseView, draft: Draft) -> str:
    """The emergency signs that a form which cannot be saved newly answers yes; empty if none."""
    base = view.history.answers_at(draft.version)
    new = signs_answered_yes(draft.answers(base)) - signs_answered_yes(base)
    items = page_context().ruleset.items
    return ", ".join(item.name for link, item in items.items() if link in new)


def default_chases(
    case: Case,
    links: AbstractSet[str],
    answers: Mapping[str, Answer],
    there: AbstractSet[str],
    idle: AbstractSet[str],
) -> dict[str, Chase | None]:
    """The usual chases of the answers that are newly unknown; None for those of no more use.

    An answer that cannot change the result gets none, and loses the one it has; it gets one again
    once it can. An emergency sign always gets one, and no warning sign loses it. Once anything is
    chased, so are the signs that have no answer yet: nothing else is found out before them.

    Args:
        case: the case.
        links: the link ids on the form.
        answers: those of the case once the form is saved, by link id.
        there: the link ids that have a chase already.
        idle: those that lost theirs in this way.
    """
    items, today = page_context().ruleset.items, page_context().today()
    unknown = {link for link in links if link in answers and not answers[link].known}
    missing = {link for link in idle & items.keys() if link not in answers or link in unknown}
    if unknown <= there and not there and not missing:
        return {}
    signs = page_context().ruleset.items_of(Tier.EMERGENCY)
    used = _assess_known(case.referral.birth_year, answers).used_answers
    live = {each.link_id for each in page_context().explainer.can_matter(used, today)}
    again = {link for link in missing if is_called_for(items[link], used, today)}
    new = unknown & (live | signs) | again & live
    if new | there:
        new |= {link for link in signs - answers.keys() if is_called_for(items[link], used, today)}
    gone = find_idle(there, live)
    return dict.fromkeys(gone) | {
        link: chase_of(case, link) for link in items if link in new - there
    }


def find_idle(there: AbstractSet[str], live: AbstractSet[str]) -> frozenset[str]:
    """The chased questions whose answers cannot change the result; never a warning sign.

    Args:
        there: the link ids that are chased.
        live: those of the answers that can still change something.
    """
    ruleset = page_context().ruleset
    grave = frozenset[str]().union(*(ruleset.items_of(tier) for tier in GRAVE))
    return frozenset(there & ruleset.items.keys()) - live - grave


def find_warnings(birth_year: int | None, answers: Mapping[str, Answer]) -> Warnings:
    """The warnings on the worklist, by the answers and the birth year of a case."""
    return collect_warnings(_assess_known(birth_year, answers))


def _assess_known(birth_year: int | None, answers: Mapping[str, Answer]) -> Assessment:
    """Assess, as of today, the answers that the rules have questions for."""
    ruleset = page_context().ruleset
    read = {link: answer for link, answer in answers.items() if link in ruleset.items}
    return assess(ruleset, read, page_context().today(), birth_year)


def chase_of(case: Case, link_id: str) -> Chase:
    """The chase of a question as long as nobody says otherwise."""
    owner = page_context().ruleset.items[link_id].usual_finder
    sign = link_id in page_context().ruleset.items_of(Tier.EMERGENCY)
    today = page_context().today()
    due = default_due(case.referral.priority, today, emergency=sign)
    return Chase(link_id=link_id, owner=owner, owner_id=None, due=within_window(case, due, today))


def hidden_inputs(view: CaseView, draft: Draft) -> list[tuple[str, str]]:
    """The person's own changes as names and values of hidden inputs; others may change the rest."""
    links = (draft.undecided() and draft.only) or _changed_links(view, draft)
    fields = [draft.intake.form.field(link_id) for link_id in links]
    pairs = [pair for field in fields for pair in field.carried()]
    again = [(AGAIN + link_id, "yes") for link_id in links if link_id in draft.again]
    carried = [*pairs, *again, *draft.intake.day.carried(), ("only", " ".join(links))]
    return [*carried, (GIVEN, " ".join(sorted(draft.together)))] if draft.together else carried


def differences(view: CaseView, draft: Draft, since: int, links: Iterable[str]) -> list[Difference]:
    """The differing answers to questions: as it was at a version, theirs, and what was typed."""
    base, newest = view.history.answers_at(since), view.history.newest()
    missed = bool(draft.undecided())
    return [
        _difference(draft, link, base.get(link), newest.get(link), missed=missed) for link in links
    ]


def is_own_change(view: CaseView, links: Iterable[str]) -> bool:
    """True if the person who sends the form was the last to change all of these answers."""
    newest = view.history.newest()
    return all(link in newest and newest[link].by_id == actor().id for link in links)


def _posted_links(posted: MultiDict[str, str]) -> tuple[str, ...]:
    """The known questions that a form names; a form that names unknown ones alone is not ours."""
    named = {link_id for text in posted.getlist("only") for link_id in text.split()}
    known = tuple(link_id for link_id in page_context().ruleset.items if link_id in named)
    if named and not known:
        abort(HTTPStatus.BAD_REQUEST)
    return known


def _changed_links(view: CaseView, draft: Draft) -> list[str]:
    base = view.history.answers_at(draft.version)
    posted = draft.answers(base)
    links = (field.item.link_id for field in draft.fields)
    unread = {field.item.link_id for field in draft.fields if field.errors}
    changed = {link for link, answer in posted.items() if answer != base.get(link)}
    return [link_id for link_id in links if link_id in unread | changed | draft.again]


def _difference(
    draft: Draft, link_id: str, base: Answer | None, theirs: Change | None, *, missed: bool
) -> Difference:
    item = page_context().ruleset.items[link_id]
    own = theirs is not None and theirs.by_id == actor().id
    whose = ""
    if theirs is not None:
        when = words_of_moment(theirs.at, page_context().today())
        by = gettext("you") if own else theirs.by
        withdrawn, given = mark("withdrawn by {by}, {when}, {how}"), mark("{by}, {when}, {how}")
        said = withdrawn if theirs.after is None else given
        whose = gettext(said, by=by, when=when, how=HOW_WORDS[theirs.how])
    return Difference(
        name=CHOICE + link_id,
        question=question_name(page_context().ruleset.items, link_id),
        before=answer_words(item, base),
        theirs=answer_words(item, theirs.after if theirs else None),
        whose=whose,
        own=own,
        mine=answer_words(item, draft.intake.form.field(link_id).data),
        chosen=draft.chosen.get(link_id, ""),
        error=gettext(CHOOSE) if missed and link_id not in draft.chosen else "",
    )


def _can_show(field: AnswerField, answer: Answer | None) -> bool:
    return answer is None or answer.absent is None or answer.absent in field.offered
