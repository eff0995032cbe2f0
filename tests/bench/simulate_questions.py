"""How many questions patients are asked on the documented rules, in the order that tells most.

Usage: python tests/bench/simulate_questions.py [--patients 2000]

The patients are invented. Every answer is independent of the others: each emergency sign is there
in 3 of 100 people, each other sign or problem in 8, each question is answered "not known" by 5; the
other shares stand in `SHARES`. Ages are 55 to 95. Half of the diagnoses are under two months old.
Asking stops when nothing that is left unasked could change the outcome or a flag.
"""

import argparse
import datetime as dt
import statistics
from collections.abc import Mapping
from random import Random
from typing import NamedTuple

from screening.core.compiled.model import compile_ruleset
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import AbsentReason, Answer, Value
from screening.files.rule_files import load_ruleset
from screening.proof.explanation.reasons import Explainer

AS_OF = dt.date(2026, 11, 20)
NOT_KNOWN = 0.05
EMERGENCY, OTHER_SIGN = 0.03, 0.08
SHARES: Mapping[str, Mapping[str, float]] = {
    "imaging_result": {"shows_fracture": 0.85, "shows_none": 0.05, "not_done": 0.10},
    "cause": {
        "osteoporosis": 0.75,
        "injury": 0.12,
        "cancer_spread": 0.06,
        "myeloma": 0.02,
        "haemangioma": 0.01,
        "other": 0.04,
    },
    "pain_severity": {"severe": 0.7, "moderate": 0.2, "mild": 0.1},
    "pain_course": {"same": 0.5, "worse": 0.3, "better": 0.2},
    "care_bracing": {
        "failed": 0.4,
        "somewhat": 0.1,
        "helping": 0.1,
        "not_tried": 0.3,
        "not_possible": 0.1,
    },
    "care_medicines": {
        "failed": 0.5,
        "somewhat": 0.2,
        "helping": 0.1,
        "not_tried": 0.1,
        "not_possible": 0.1,
    },
    "care_other": {
        "failed": 0.3,
        "somewhat": 0.1,
        "helping": 0.1,
        "not_tried": 0.4,
        "not_possible": 0.1,
    },
    "fracture_healing": {"unhealed": 0.7, "healed": 0.3},
    "lung_grade": {"mild_or_moderate": 0.75, "severe": 0.25},
}
YES: Mapping[str, float] = {
    "fracture_at_level": 0.95,
    "pain_from_fracture": 0.85,
    "function_limited": 0.85,
    "can_lie_prone": 0.85,
    "lung_disease": 0.2,
    "disc_pain": 0.3,
    "arthritis": 0.3,
    "arthritis_pain": 0.3,
    "stenosis_pain": 0.3,
    "blood_thinners": 0.25,
    "bone_density_scan": 0.5,
    "bone_medicines": 0.5,
}
SCANS: Mapping[str, float] = {"xray": 0.8, "ct": 0.4, "mri": 0.6, "bone_scan": 0.1}
LEVELS = (1, 1, 1, 1, 1, 2, 2, 3)
OLDEST = 120
DATES = ("onset_date", "diagnosis_date", "imaging_date")
"""In the order in which they happen."""


class Asked(NamedTuple):
    """How many questions each simulated patient was asked, of how many there are."""

    counts: list[int]
    questions: int

    @property
    def share(self) -> float:
        """The mean number asked as a share of all."""
        return statistics.mean(self.counts) / self.questions


def simulate(patients: int, seed: int = 1) -> Asked:
    """Ask simulated patients; the questions that are put for the record only count as well."""
    rng, rules = Random(seed), load_ruleset()
    explainer = Explainer(compile_ruleset(rules))
    counts = [_ask(explainer, patient(rng, rules)) for _ in range(patients)]
    return Asked(counts, len(rules.items))


def patient(rng: Random, rules: Ruleset) -> dict[str, Answer]:
    """What one person would answer to every question, with days in the order of events."""
    said = {link_id: _answer(rng, each) for link_id, each in rules.items.items()}
    known = {link_id: answer.value for link_id, answer in said.items() if link_id in DATES}
    days = sorted(day for day in known.values() if isinstance(day, dt.date))
    dated = [link_id for link_id in DATES if isinstance(known[link_id], dt.date)]
    said |= {link_id: Answer(value=day) for link_id, day in zip(dated, days, strict=True)}
    if said["cause"].value in {"cancer_spread", "myeloma"}:
        said["cancer_history"] = Answer(value=True)
    return said


def _ask(explainer: Explainer, would_say: Mapping[str, Answer]) -> int:
    answers: dict[str, Answer] = {}
    while (link_id := explainer.next_item(answers, AS_OF)) is not None:
        answers[link_id] = would_say[link_id]
    return len(answers)


def _answer(rng: Random, item: Item) -> Answer:
    if rng.random() < NOT_KNOWN:
        return Answer(absent=AbsentReason.ASKED_UNKNOWN)
    return Answer(value=_value(rng, item))


def _value(rng: Random, item: Item) -> Value:
    match item.type:
        case ItemType.YES_NO:
            usual = EMERGENCY if item.section == "emergency" else OTHER_SIGN
            return rng.random() < YES.get(item.link_id, usual)
        case ItemType.CHOICE:
            shares = SHARES[item.link_id]
            return rng.choices(list(shares), list(shares.values()))[0]
        case ItemType.CHOICES:
            picked = frozenset(code for code, share in SCANS.items() if rng.random() < share)
            return picked or frozenset({"xray"})
        case ItemType.NUMBER:
            return rng.choice(LEVELS) if item.link_id == "levels" else rng.randint(55, 95)
        case ItemType.DATE:
            return AS_OF - dt.timedelta(days=rng.randrange(OLDEST))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=2_000)
    asked = simulate(parser.parse_args().patients)
    counts, questions = sorted(asked.counts), asked.questions
    middle, high = statistics.median(counts), counts[len(counts) * 9 // 10]
    print(f"{len(counts):,} simulated patients, {questions} questions")
    for name, count in (("mean", statistics.mean(counts)), ("median", middle), ("p90", high)):
        print(f"{name:<8}{count:6.1f} questions {count / questions:6.0%} of all")


if __name__ == "__main__":
    main()
