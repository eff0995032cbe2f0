"""Made-up people and cases of every state, for a demonstration.

They are the same at every making, but for passwords, ids and the days, which end today. Their
answers are those of the cases that are written beside the rules.
"""

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.core.compiled.model import model_of
from screening.core.results.assess import Assessment, assess
from screening.core.results.decision import Choice, Decision, Grounds, SignAges, allowed_choices
from screening.core.results.warning_signs import Warnings, collect_warnings
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import AbsentReason, Answer
from screening.core.values.referral import Priority, Referral
from screening.core.values.span import Day, Span, day_between, first_of, last_of
from screening.formats.examples.example_file import Example
from screening.proof.explanation.reasons import Explainer
from screening.proof.explanation.unanswered import relevant_needs
from screening.records.access import Actor, Role
from screening.records.case.case_rows import State
from screening.records.case.case_view import CaseView, open_case
from screening.records.case.chase_rows import Chase
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import Submission, save_answers
from screening.records.casework.cases import add_case, close_case
from screening.records.casework.chases import default_due
from screening.records.casework.emergency_notes import Handover
from screening.records.casework.handovers import record_handover
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import installation_day
from screening.records.operation.demonstration import mark
from screening.records.people import people, sites
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.passwords import hash_password, is_password
from screening.records.people.people import NewPerson
from screening.records.results.assessments import NewAssessment, record_assessment
from screening.records.results.decisions import NewDecision, record_review
from screening.records.storage.account_tables import User

SITES = ("North site", "South site")
TREES = (
    *("Alder", "Aspen", "Beech", "Birch", "Cedar", "Cherry", "Chestnut", "Cypress"),
    *("Elder", "Elm", "Fir", "Hazel", "Holly", "Hornbeam", "Juniper", "Larch"),
    *("Lime", "Maple", "Oak", "Olive", "Pear", "Pine", "Plane", "Poplar"),
    *("Rowan", "Sorrel", "Spruce", "Walnut", "Willow", "Yew"),
)
CLINICS = ("Low Street practice", "Made-up ward 3", "Invented hospital")
PLAN = (
    *(State.DECIDED,) * 9,
    *(State.CLOSED,) * 3,
    *(State.ASSESSED,) * 6,
    *(State.SCREENING,) * 7,
    *(State.NEW,) * 5,
)
"""The progress of each case, the oldest first."""
HOURS_APART = 11
OVERRIDDEN = 4
AGE = "age"
"""The link id of the question for the age in completed years."""
GROWN = 18
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleData:
    """A made-up person, who can sign in."""

    name: str
    email: str
    role: Role
    sites: tuple[int, ...]


PEOPLE = (
    SampleData(name="Nora Example", email="nurse@north.example", role=Role.NURSE, sites=(0,)),
    SampleData(name="Sam Example", email="nurse@south.example", role=Role.NURSE, sites=(1,)),
    SampleData(name="Lea Example", email="lead@both.example", role=Role.LEAD_NURSE, sites=(0, 1)),
    SampleData(name="Aude Example", email="auditor@both.example", role=Role.AUDITOR, sites=(0, 1)),
    SampleData(name="Adam Example", email="admin@both.example", role=Role.ADMINISTRATOR, sites=()),
)


@dataclass(slots=True)
class Clock:
    """A clock that is set; it moves on by a second with every look."""

    moment: dt.datetime

    def __call__(self) -> dt.datetime:
        """The moment."""
        self.moment += dt.timedelta(seconds=1)
        return self.moment


def fresh_password() -> str:
    """A password of 70 random bits that can be read out."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(3))


def set_passwords(records: Records) -> dict[str, str]:
    """Give every made-up person a fresh password; gives them by email address."""
    given = {each.email: fresh_password() for each in PEOPLE}
    with records.database.writing() as session:
        for email, password in given.items():
            _account(session, email).password = hash_password(password)
    return given


def check_passwords(records: Records, known: Mapping[str, str]) -> dict[str, str]:
    """Of the passwords that were given, by email address, those that still are."""
    with records.database.reading() as session:
        return {
            each.email: known[each.email]
            for each in PEOPLE
            if each.email in known
            and is_password(known[each.email], _account(session, each.email).password)
        }


def _account(session: Session, email: str) -> User:
    return session.scalars(select(User).where(User.email == email)).unique().one()


def add_sample_data(
    records: Records, ruleset: Ruleset, texts: Mapping[str, str], examples: Sequence[Example]
) -> None:
    """Fill an empty database, and mark it as a demonstration.

    Args:
        records: the records of the empty database.
        ruleset: what to screen by.
        texts: the texts of its files, by name.
        examples: the written cases that answers are taken from.
    """
    mark(records)
    clock = Clock(records.now() - dt.timedelta(hours=HOURS_APART * (len(PLAN) + 1)))
    made = _Making(replace(records, now=clock), ruleset, texts, Explainer(model_of(ruleset)))
    nurses = made.people()
    for number, state in enumerate(PLAN):
        clock.moment += dt.timedelta(hours=HOURS_APART) - dt.timedelta(minutes=number)
        site = number % len(SITES)
        example = examples[number * 7 % len(examples)]
        story = _Story(made, nurses[site], nurses[2], number)
        story.tell(made.sites[site], _moved(example, installation_day(made.records)), state)


class _Making:
    """The shared data of all stories."""

    def __init__(
        self, records: Records, ruleset: Ruleset, texts: Mapping[str, str], explainer: Explainer
    ) -> None:
        self.records = records
        self.ruleset = ruleset
        self.texts = texts
        self.explainer = explainer
        self.sites = [sites.add_site(records, COMMAND_LINE, name) for name in SITES]

    def people(self) -> list[Actor]:
        """Add the people; gives them as they act."""
        return [self._person(each) for each in PEOPLE]

    def _person(self, made_up: SampleData) -> Actor:
        sites = frozenset(self.sites[place] for place in made_up.sites)
        roles = frozenset({made_up.role})
        new = NewPerson(name=made_up.name, email=made_up.email, roles=roles, sites=sites)
        number = people.add_person(self.records, COMMAND_LINE, new)
        return Actor(id=number, name=made_up.name, roles=roles, sites=sites)


@dataclass(slots=True)
class _Story:
    """One case, from its referral to where it is now."""

    made: _Making
    nurse: Actor
    lead: Actor
    number: int

    def tell(self, site: int, answers: Mapping[str, Answer], state: State) -> None:
        """Make everything happen up to a state."""
        referral = self._referral(answers)
        answers = _aged(answers, referral.birth_year, self._day())
        case_id = add_case(self.made.records, self.nurse, site, referral, self._key("add"))
        if state is State.NEW:
            return
        whole = state is not State.SCREENING
        version = self._answer(case_id, referral, answers if whole else _begun(answers))
        if not whole:
            return
        number, version, assessment = self._assess(case_id, referral, answers, version)
        if state is State.ASSESSED:
            return
        if self._warnings(referral, answers).emergencies:
            version = self._hand_over(case_id)
        version = self._decide(case_id, number, version, assessment)
        if state is State.CLOSED:
            rules = self.made.ruleset
            close_case(self._view(case_id), version, rules, self._key("close"))

    def _referral(self, answers: Mapping[str, Answer]) -> Referral:
        age, born = _age_of(answers), 1932 + self.number * 5 % 37
        if age is not None and age < GROWN:
            born = self._day().year - age
        return Referral(
            reference=f"DEMO-{1001 + self.number}",
            person=f"Example {TREES[self.number % len(TREES)]}",
            birth_year=born,
            clinic=CLINICS[self.number % len(CLINICS)],
            priority=list(Priority)[self.number * 5 % 7 % 3],
            hospital_number=f"H-{4_000_017 + self.number * 7_919}" if self.number % 3 else None,
            date_received=self._day() - dt.timedelta(self.number % 12) if self.number % 4 else None,
        )

    def _answer(self, case_id: str, referral: Referral, answers: Mapping[str, Answer]) -> int:
        unknown = {link_id for link_id, answer in answers.items() if not answer.known}
        signs = self.made.ruleset.items_of(Tier.EMERGENCY) - answers.keys() if unknown else set()
        chases = {link_id: self._chase(link_id, referral) for link_id in unknown | signs}
        return save_answers(
            self._view(case_id),
            Submission(
                version=1,
                answers=answers,
                how=EntryMethod.FORM,
                idempotency_key=self._key("answers"),
            ),
            find_warnings=partial(self._warnings, referral),
            find_chases=lambda *_: chases,
        ).version

    def _assess(
        self, case_id: str, referral: Referral, answers: Mapping[str, Answer], version: int
    ) -> tuple[int, int, Assessment]:
        """Judge the answers; gives the assessment with its number, and the case's version."""
        made, day = self.made, installation_day(self.made.records)
        known = answers, day, referral.birth_year
        assessment, explanation = assess(made.ruleset, *known), made.explainer.explain(*known)
        needs = [need.item.link_id for need in relevant_needs(assessment, explanation)]
        chases = {link_id: self._chase(link_id, referral) for link_id in needs}
        new = NewAssessment(assessment, explanation, made.texts)
        view, key = self._view(case_id), self._key("assess")
        number = record_assessment(view, version, new, key, chases)
        return number, version + 1, assessment

    def _hand_over(self, case_id: str) -> int:
        """Record the handover of an emergency."""
        told = Handover(
            told="the spinal team on call",
            told_at=self.made.records.now(),
            told_by=self.nurse.name,
        )
        view, key = self._view(case_id), self._key("hand-over")
        signs = frozenset(view.case.emergencies)
        return record_handover(view, signs, told, self.made.ruleset, key)

    def _view(self, case_id: str) -> CaseView:
        return open_case(self.made.records, self.nurse, case_id)

    def _day(self) -> dt.date:
        return installation_day(self.made.records)

    def _decide(self, case_id: str, number: int, version: int, assessment: Assessment) -> int:
        decision = self._decision(assessment)
        actor = self.lead if decision is Decision.OVERRIDE else self.nurse
        record_review(
            open_case(self.made.records, actor, case_id),
            number,
            version,
            NewDecision(
                choice=self._choice(decision, assessment),
                note="Made up for this demonstration.",
                seen=self.made.ruleset.items_of(Tier.EMERGENCY),
            ),
            self.made.ruleset,
            self._key("decide"),
        )
        return version + 1

    def _decision(self, assessment: Assessment) -> Decision:
        if self.number == OVERRIDDEN:
            return Decision.OVERRIDE
        if assessment.favourable:
            return Decision.REFER
        return Decision.DO_NOT_REFER if assessment.decided else Decision.ASK_MORE

    def _choice(self, decision: Decision, assessment: Assessment) -> Choice:
        """The decision with the first reason that the result bears out."""
        day = self._day()
        grounds = Grounds.of(
            assessment,
            day=day,
            same_result=True,
            needs_handover=False,
            sign_ages=SignAges(day),
            clock_behind=False,
        )
        offered = allowed_choices(grounds, may_override=True)
        return next(each for each in offered if each.decision is decision)

    def _chase(self, link_id: str, referral: Referral) -> Chase:
        owner = self.made.ruleset.items[link_id].usual_finder
        sign = link_id in self.made.ruleset.items_of(Tier.EMERGENCY)
        due = default_due(referral.priority, installation_day(self.made.records), emergency=sign)
        return Chase(link_id=link_id, owner=owner, due=due)

    def _warnings(self, referral: Referral, answers: Mapping[str, Answer]) -> Warnings:
        found = assess(self.made.ruleset, answers, self._day(), referral.birth_year)
        return collect_warnings(found)

    def _key(self, step: str) -> str:
        return f"{secrets.token_hex(16)}-{step}"


def _moved(example: Example, day: dt.date) -> dict[str, Answer]:
    """The answers of a written case as if it had been written for another day."""
    later = day - example.as_of
    return {
        link_id: Answer(value=_later(value, later)) if isinstance(value, dt.date | Span) else answer
        for link_id, answer in example.answers.items()
        for value in [answer.value]
    }


def _later(days: Day, by: dt.timedelta) -> Day:
    return day_between(first_of(days) + by, last_of(days) + by)


def _aged(answers: Mapping[str, Answer], born: int | None, day: dt.date) -> Mapping[str, Answer]:
    """The answers with the age of the birth year, where they are those of a grown person."""
    age = _age_of(answers)
    if born is None or age is None or age < GROWN:
        return answers
    return {**answers, AGE: Answer(value=day.year - born)}


def _age_of(answers: Mapping[str, Answer]) -> int | None:
    age = answers[AGE].value if AGE in answers else None
    return age if isinstance(age, int) else None


def _begun(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Two thirds of the answers, and two more that somebody has yet to find out."""
    names = list(answers)
    kept = {name: answers[name] for name in names[: len(names) * 2 // 3]}
    missing = names[len(kept) : len(kept) + 2]
    return kept | {name: Answer(absent=AbsentReason.ASKED_UNKNOWN) for name in missing}
