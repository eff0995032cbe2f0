"""Records keep no decision that the rules of a decision refuse, whoever calls them and how."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import String, literal, update
from support.casework.case_writes import UNKNOWN, added, once
from support.casework.handovers import hand_over
from support.casework.recorded_assessments import answered, recorded
from support.rulesets.shipped import as_of, changed, favourable, ruleset
from support.storage.databases import People, clock

from screening.core.results.decision import CHOICES, Choice, Decision, Refusal
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import Answer
from screening.records.access import Actor, Role
from screening.records.case.case_rows import State
from screening.records.case.case_view import open_case
from screening.records.casework.cases import find_case
from screening.records.ledger.records import Records
from screening.records.results import decisions
from screening.records.results.decisions import DecisionRefusedError, NewDecision, record_review
from screening.records.storage.tables import CaseRow

AGAINST = CHOICES["override:refer-clinician-judged"]
REFER = CHOICES["refer:requirements-met"]
NOTE = "Dr Hill examined her"
ALL_SEEN = frozenset({"leg_weakness", "saddle_numbness"})
SIGNS = {"leg_weakness": Answer(value=True), "saddle_numbness": UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that a rule refuses: on which answers, how long after, by which rules in use.

    ``told`` tells whether somebody was told about an emergency before; ``older`` for how many days
    the answers were there when the result was computed. ``elsewhere`` is by how many days another
    case of the site was updated later than the decision; None without another.
    """

    refusal: Refusal
    choice: Choice
    changes: Mapping[str, Answer]
    note: str = NOTE
    seen: frozenset[str] = frozenset()
    days: int = 0
    older: int = 0
    elsewhere: int | None = None
    rules: Ruleset | None = None
    told: bool = True
    by: Role = Role.LEAD_NURSE


def other_rules() -> Ruleset:
    return replace(ruleset(), digest="f" * 64)


def rules_that_say_otherwise() -> Ruleset:
    """The same rules after an update that computes something else."""
    first, *rest = ruleset().criteria
    return replace(ruleset(), criteria=(replace(first, tier=Tier.INFO), *rest))


SCOLIOSIS = {"scoliosis": Answer(value=True)}
ORPHAN = {"disc_herniation": Answer(value=False), "disc_pain": Answer(value=True)}
"""Answers that contradict each other."""
NO_REASON = Choice(Decision.REFER, "reason-against")
LAST_DAY = dict.fromkeys(
    ("onset_date", "diagnosis_date", "imaging_date"), Answer(value=dt.date(2026, 9, 20))
)
"""Dates of which the window of time ends on the day of the result."""
CALLS = {
    "an override by a nurse": Call(
        refusal=Refusal.OVERRIDE_NOT_ALLOWED, choice=AGAINST, changes=SCOLIOSIS, by=Role.NURSE
    ),
    "no sign ticked": Call(refusal=Refusal.SIGNS_NOT_SEEN, choice=AGAINST, changes=SIGNS),
    "one sign ticked": Call(
        refusal=Refusal.SIGNS_NOT_SEEN,
        choice=AGAINST,
        changes=SIGNS,
        seen=frozenset({"leg_weakness"}),
    ),
    "other signs ticked": Call(
        refusal=Refusal.SIGNS_NOT_SEEN,
        choice=AGAINST,
        changes=SIGNS,
        seen=frozenset({"leg_weakness", "gait_change"}),
    ),
    "other rules": Call(refusal=Refusal.OTHER_RULES, choice=REFER, changes={}, rules=other_rules()),
    "other rules, by override": Call(
        refusal=Refusal.OTHER_RULES, choice=AGAINST, changes=SCOLIOSIS, rules=other_rules()
    ),
    "another result": Call(
        refusal=Refusal.OTHER_RESULT, choice=REFER, changes={}, rules=rules_that_say_otherwise()
    ),
    "another result, by override": Call(
        refusal=Refusal.OTHER_RESULT,
        choice=AGAINST,
        changes=SCOLIOSIS,
        rules=rules_that_say_otherwise(),
    ),
    "too old": Call(refusal=Refusal.TOO_OLD, choice=REFER, changes={}, days=8),
    "too old, by override": Call(
        refusal=Refusal.TOO_OLD, choice=AGAINST, changes=SCOLIOSIS, days=8
    ),
    "older signs": Call(refusal=Refusal.SIGNS_TOO_OLD, choice=REFER, changes={}, older=8),
    "older signs by now": Call(
        refusal=Refusal.SIGNS_TOO_OLD, choice=REFER, changes={}, older=4, days=4
    ),
    "signs by a clock that was ahead": Call(
        refusal=Refusal.SIGNS_AHEAD, choice=REFER, changes={}, older=-9
    ),
    "a clock that was set back": Call(
        refusal=Refusal.CLOCK_BEHIND, choice=REFER, changes={}, elsewhere=1
    ),
    "a clock that was set back, by override": Call(
        refusal=Refusal.CLOCK_BEHIND, choice=AGAINST, changes=SCOLIOSIS, elsewhere=1
    ),
    "older signs, by override": Call(
        refusal=Refusal.SIGNS_TOO_OLD, choice=AGAINST, changes=SCOLIOSIS, older=8
    ),
    "another result a day later": Call(
        refusal=Refusal.OTHER_TODAY, choice=REFER, changes=LAST_DAY, days=1
    ),
    "unfavourable": Call(refusal=Refusal.CONTRARY, choice=REFER, changes=SCOLIOSIS),
    "undecided": Call(refusal=Refusal.CONTRARY, choice=REFER, changes={"cause": UNKNOWN}),
    "favourable": Call(
        refusal=Refusal.CONTRARY, choice=CHOICES["do-not-refer:requirement-unmet"], changes={}
    ),
    "nothing found against": Call(
        refusal=Refusal.NOT_FOUND, choice=CHOICES["do-not-refer:reason-against"], changes=ORPHAN
    ),
    "no requirement found unmet": Call(
        refusal=Refusal.NOT_FOUND,
        choice=CHOICES["do-not-refer:requirement-unmet"],
        changes=ORPHAN,
        rules=other_rules(),
    ),
    "no other finding of its kind": Call(
        refusal=Refusal.NOT_FOUND,
        choice=CHOICES["do-not-refer:not-as-described"],
        changes=SCOLIOSIS,
    ),
    "no caution found": Call(
        refusal=Refusal.NOT_FOUND, choice=CHOICES["refer:cautions-weighed"], changes={}
    ),
    "no contradiction found": Call(
        refusal=Refusal.NOT_FOUND,
        choice=CHOICES["ask-more:answers-contradict"],
        changes={},
        rules=other_rules(),
    ),
    "nothing found to treat": Call(
        refusal=Refusal.NOT_FOUND,
        choice=CHOICES["override:refer-reason-treated"],
        changes={"cause": UNKNOWN},
    ),
    "answers contradict each other": Call(
        refusal=Refusal.CONTRADICTORY, choice=AGAINST, changes=ORPHAN
    ),
    "a note that says nothing": Call(
        refusal=Refusal.NO_NOTE, choice=AGAINST, changes=SCOLIOSIS, note=". \u3164\u200b"
    ),
    "overrides nothing": Call(refusal=Refusal.NOTHING_OVERRIDDEN, choice=AGAINST, changes={}),
    "overrides nothing either": Call(
        refusal=Refusal.NOTHING_OVERRIDDEN,
        choice=CHOICES["override:against-not-asked"],
        changes=SCOLIOSIS,
    ),
    "nobody told": Call(
        refusal=Refusal.NOT_HANDED_OVER, choice=AGAINST, changes=SIGNS, seen=ALL_SEEN, told=False
    ),
    "nobody told, not referred": Call(
        refusal=Refusal.NOT_HANDED_OVER,
        choice=CHOICES["do-not-refer:emergency-care"],
        changes=SIGNS,
        told=False,
    ),
    "nobody told, other rules": Call(
        refusal=Refusal.NOT_HANDED_OVER,
        choice=CHOICES["do-not-refer:patient-declined"],
        changes=SIGNS,
        rules=other_rules(),
        told=False,
    ),
    "no note": Call(refusal=Refusal.NO_NOTE, choice=AGAINST, changes=SCOLIOSIS, note=" \n"),
    "no note for another reason": Call(
        refusal=Refusal.NO_NOTE, choice=CHOICES["ask-more:other"], changes={}, note=""
    ),
    "a reason of another decision": Call(
        refusal=Refusal.NO_SUCH_REASON, choice=NO_REASON, changes={}
    ),
    "no reason": Call(
        refusal=Refusal.NO_SUCH_REASON, choice=Choice(Decision.ASK_MORE, ""), changes={}
    ),
}


@pytest.fixture
def lead(people: People) -> Actor:
    return people.actor(Role.LEAD_NURSE)


def assessed(records: Records, actor: Actor, changes: Mapping[str, Answer], older: int = 0) -> str:
    """A case with a result some days later: the favourable one, but for some answers."""
    answers = changed(favourable(), changes)
    case_id = answered(records, actor, answers)
    clock(records).advance(days=older)
    recorded(records, actor, case_id, answers, as_of() + dt.timedelta(days=older))
    return case_id


def update_another(records: Records, actor: Actor, minutes: int) -> None:
    """Update another case of the site when the clock was so far ahead."""
    clock(records).advance(minutes=minutes)
    added(records, actor)
    clock(records).advance(minutes=-minutes)


def decide(records: Records, actor: Actor, case_id: str, call: Call) -> int:
    version = find_case(records, actor, case_id).version
    decided = NewDecision(choice=call.choice, note=call.note, seen=call.seen)
    return record_review(
        open_case(records, actor, case_id), 1, version, decided, call.rules or ruleset(), once()
    )


@pytest.mark.parametrize("name", CALLS)
def test_a_direct_call_is_refused(records: Records, people: People, name: str) -> None:
    call = CALLS[name]
    actor = people.actor(call.by)
    case_id = assessed(records, actor, call.changes, call.older)
    if call.changes is SIGNS and call.told:
        hand_over(records, actor, case_id)
    clock(records).advance(days=call.days)
    if call.elsewhere is not None:
        update_another(records, actor, minutes=call.elsewhere * 24 * 60)
    with pytest.raises(DecisionRefusedError) as caught:
        decide(records, actor, case_id, call)
    assert caught.value.refusal is call.refusal
    assert open_case(records, actor, case_id).assessment(1).reviews == ()
    assert find_case(records, actor, case_id).state is State.ASSESSED


@pytest.mark.parametrize("rules", [ruleset(), other_rules()])
@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("do-not-refer:reason-against", SCOLIOSIS),
        ("do-not-refer:requirement-unmet", {"pain_from_fracture": Answer(value=False)}),
        ("do-not-refer:not-as-described", {"pain_severity": Answer(value="mild")}),
        ("ask-more:answers-contradict", ORPHAN),
    ],
)
def test_what_a_result_says_is_kept_as_the_reason_whatever_rules_are_in_use_now(
    records: Records, lead: Actor, code: str, changes: Mapping[str, Answer], rules: Ruleset
) -> None:
    case_id = assessed(records, lead, changes)
    call = Call(refusal=Refusal.NOT_FOUND, choice=CHOICES[code], changes=changes, rules=rules)
    assert decide(records, lead, case_id, call) == 1


def test_a_review_from_before_that_rule_is_read_as_it_was_made(
    records: Records, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = assessed(records, lead, ORPHAN)
    call = CALLS["nothing found against"]
    with monkeypatch.context() as before:
        before.setattr(decisions, "find_refusal", lambda *_told, **_more: None)
        decide(records, lead, case_id, call)
    (review,) = open_case(records, lead, case_id).assessment(1).reviews
    assert (review.decision, review.reason) == (Decision.DO_NOT_REFER, "reason-against")


@pytest.mark.parametrize("minutes", [0, 4])
def test_clocks_of_two_servers_may_differ_a_little(
    records: Records, lead: Actor, minutes: int
) -> None:
    case_id = assessed(records, lead, {})
    update_another(records, lead, minutes)
    call = Call(refusal=Refusal.CLOCK_BEHIND, choice=REFER, changes={})
    assert decide(records, lead, case_id, call) == 1


def test_the_clock_of_another_site_or_a_moment_that_is_none_stops_nobody(
    records: Records, lead: Actor, people: People
) -> None:
    """Nor a row that somebody changed, which would stop the whole site."""
    case_id = assessed(records, lead, {})
    update_another(records, people.actor(sites=("South",)), minutes=60 * 24)
    for value in ("zzz", "2999-01-01T00:00:00.000000Z"):
        odd = update(CaseRow).where(CaseRow.id == added(records, lead))
        with records.database.engine.begin() as connection:
            connection.execute(odd.values(touched_at=literal(value, String)))
    call = Call(refusal=Refusal.CLOCK_BEHIND, choice=REFER, changes={})
    assert decide(records, lead, case_id, call) == 1


def test_every_rule_is_called_against() -> None:
    assert {call.refusal for call in CALLS.values()} == set(Refusal)


def test_with_every_sign_ticked_it_is_kept_with_the_ticks(records: Records, lead: Actor) -> None:
    case_id = assessed(records, lead, SIGNS)
    hand_over(records, lead, case_id)
    seen = frozenset(SIGNS)
    call = Call(refusal=Refusal.SIGNS_NOT_SEEN, choice=AGAINST, changes=SIGNS, seen=seen)
    assert decide(records, lead, case_id, call) == 1
    (review,) = open_case(records, lead, case_id).assessment(1).reviews
    assert (review.note, review.seen) == (NOTE, ("leg_weakness", "saddle_numbness"))


def test_answers_about_signs_refer_somebody_for_a_week(records: Records, lead: Actor) -> None:
    case_id = assessed(records, lead, {}, older=7)
    assert decide(records, lead, case_id, CALLS["older signs"]) == 1


def test_the_last_day_of_a_result_is_said(records: Records, lead: Actor) -> None:
    case_id = assessed(records, lead, {})
    clock(records).advance(days=8)
    day = open_case(records, lead, case_id).assessment(1).as_of
    assert day == dt.date(2026, 11, 20)
    with pytest.raises(DecisionRefusedError, match="for 20 November 2026, more than 7 days ago"):
        decide(records, lead, case_id, CALLS["too old"])
