"""Every proof fails on the defects sown for it, with a nearest patient, unless it is broken."""

from collections.abc import Iterator
from itertools import combinations, product

import pytest
from support.rulesets.builders import AS_OF, ASKED_FOR
from support.rulesets.defects import DEFECTS, Defect, sound
from support.rulesets.random_rulesets import own_tests, values_near

from screening.core.compiled.model import compile_ruleset
from screening.core.results.assess import assess
from screening.core.rules.condition import OneOf
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth
from screening.proof.checks.prove import CHECKS, Report, prove
from screening.proof.checks.weakness import Weakness

OF_DATES = {"contradiction", "span", "window"}  # see test_dates.py
SOWN = CHECKS.keys() - {"not-monotone", *OF_DATES}


def proved(rules: Ruleset) -> Report:
    return prove(compile_ruleset(rules), AS_OF)


def named(report: Report, code: str) -> frozenset[str]:
    return frozenset(each.subject for each in report.weaknesses if each.code == code)


def test_of_sound_rules_everything_is_proved() -> None:
    report = proved(sound())
    assert report.weaknesses == ()
    assert [each.code for each in report.proofs] == list(CHECKS)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda each: str(each.name))
def test_a_sown_defect_is_found(defect: Defect) -> None:
    assert named(proved(defect.sow(sound())), defect.code) == defect.subjects


def test_every_proof_has_a_defect_that_makes_it_fail() -> None:
    assert {each.code for each in DEFECTS} == SOWN
    assert len({each.name for each in DEFECTS}) >= 15


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda each: str(each.name))
def test_a_broken_check_lets_the_defect_pass(
    defect: Defect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CHECKS, defect.code, lambda _: (0, []))
    assert named(proved(defect.sow(sound())), defect.code) == frozenset()


PATIENTS = {"unsafe-outcome", "broken-limit", "hidden-sign", "worse-is-better", "not-exact"}


@pytest.mark.parametrize(
    "defect", [each for each in DEFECTS if each.code in PATIENTS], ids=lambda each: str(each.name)
)
def test_the_evaluator_confirms_the_patient_and_no_smaller_one(defect: Defect) -> None:
    rules = defect.sow(sound())
    for weakness in proved(rules).weaknesses:
        if weakness.code == defect.code:
            assert weakness.patient is not None
            assert _shows(rules, weakness, weakness.patient)
            for smaller in _smaller(rules, weakness.patient):
                assert not _shows(rules, weakness, smaller), smaller


def _smaller(rules: Ruleset, patient: dict[str, Answer]) -> Iterator[dict[str, Answer]]:
    """Every part of a patient, and all other sets of up to two answers if those are fewer.

    That no set of answers at all is smaller is tested on small random rulesets.
    """
    for fewer in range(len(patient)):
        for link_ids in combinations(patient, fewer):
            yield {link_id: patient[link_id] for link_id in link_ids}
    values = {i: values_near(e, own_tests(rules, i), AS_OF)[:6] for i, e in rules.items.items()}
    for fewer in range(min(len(patient), 3)):
        for link_ids in combinations(values, fewer):
            for chosen in product(*(values[link_id] for link_id in link_ids)):
                given = (Answer(value=value) for value in chosen)
                yield dict(zip(link_ids, given, strict=True))


def _shows(rules: Ruleset, weakness: Weakness, patient: dict[str, Answer]) -> bool:
    result = assess(rules, patient, AS_OF)
    if weakness.code == "worse-is-better":
        return _does_better(rules, weakness.subject, patient)
    truth = result.finding(weakness.subject).truth
    if weakness.code == "not-exact":
        return truth is Truth.UNKNOWN and _settled(rules, weakness.subject, patient)
    if weakness.code == "hidden-sign":
        return truth is Truth.TRUE and "emergency" not in result.possible
    asked_for = rules.criterion(weakness.subject).tier in ASKED_FOR
    return truth is not Truth.of(value=asked_for) and set(result.possible) <= rules.favourable


def _does_better(rules: Ruleset, link_id: str, patient: dict[str, Answer]) -> bool:
    """Whether another answer than the patient's surely leads to a worse outcome."""
    if link_id not in patient:
        return False
    values = values_near(rules.items[link_id], own_tests(rules, link_id), AS_OF)
    own, given = _ranks(rules, patient), patient[link_id].value
    if isinstance(given, frozenset):  # several choices get worse by one more
        sets = [each for each in values if isinstance(each, frozenset)]
        worst, own_codes = {_code(rules, link_id)}, _tested(rules, given)
        values = [each for each in sets if _tested(rules, each | worst) == own_codes]
    others = (_ranks(rules, {**patient, link_id: Answer(value=value)}) for value in values)
    return any(max(own) < min(other) for other in others)


def _code(rules: Ruleset, link_id: str) -> str:
    return rules.items[link_id].worse or ""


def _tested(rules: Ruleset, codes: frozenset[str]) -> frozenset[str]:
    """The codes that some test asks for: a set with the same ones is as good."""
    tests = own_tests(rules, "scans")
    asked = {str(value) for test in tests if isinstance(test, OneOf) for value in test.values}
    return codes & asked


def _ranks(rules: Ruleset, patient: dict[str, Answer]) -> list[int]:
    return [rules.best.index(each) for each in assess(rules, patient, AS_OF).possible]


def _settled(rules: Ruleset, criterion_id: str, patient: dict[str, Answer]) -> bool:
    missing = [link_id for link_id in ("numb", "fever") if link_id not in patient]
    truths = {
        assess(rules, {**patient, **more}, AS_OF).finding(criterion_id).truth
        for more in _complete(missing)
    }
    return len(truths) == 1


def _complete(link_ids: list[str]) -> Iterator[dict[str, Answer]]:
    for chosen in product([True, False], repeat=len(link_ids)):
        given = (Answer(value=value) for value in chosen)
        yield dict(zip(link_ids, given, strict=True))
