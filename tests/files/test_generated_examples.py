"""The generated examples of the shipped rules, their file, and the run of all examples."""

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from support.oracles.brute_force import VISIBLE, sees
from support.rulesets import shipped
from support.rulesets.builders import (
    AS_OF,
    ASKED_FOR,
    UNKNOWN,
    UNMET,
    choice,
    criterion,
    given,
    item,
    number,
    one_of,
    ruleset,
    within,
)
from support.rulesets.seeds import rng_of

from screening.core.compiled.representatives import last_day_outside
from screening.core.rules.condition import Condition, Within
from screening.core.rules.finding import evaluate
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.truth import Truth
from screening.files.example_coverage import generated_path, read_coverage
from screening.files.generated_examples import generate_examples
from screening.formats.examples.example_file import check_example, read_examples
from screening.formats.examples.example_writer import digest_in, write_examples
from screening.proof.examples.cover import Cover
from screening.proof.examples.edit_effects import EditEffect, Visibility
from screening.proof.examples.mutants import Edit, Operator
from screening.words.auditor.covers import cover_lines

pytestmark = pytest.mark.long

ONE_DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def made() -> tuple[str, Cover]:
    return generate_examples(shipped.ruleset())


@pytest.fixture(scope="module")
def text(made: tuple[str, Cover]) -> str:
    return made[0]


@pytest.fixture(scope="module")
def cover(made: tuple[str, Cover]) -> Cover:
    return made[1]


@pytest.fixture
def folder(tmp_path: Path, text: str) -> Path:
    """The shipped rule files with freshly generated examples."""
    shutil.copytree(shipped.ROOT / "rules", tmp_path / "rules")
    path = generated_path(shipped.ruleset(), tmp_path / "rules")
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return tmp_path / "rules"


class Judge:
    """Judges by truths of criteria alone: quick, and apart from the diagrams and the core."""

    def __init__(self, rules: Ruleset, examples: Cover) -> None:
        self.rules, self.examples, self.as_of = rules, examples.examples, examples.as_of
        self.truths = [
            {each.id: self.truth(each.condition, place) for each in rules.criteria}
            for place in range(len(self.examples))
        ]

    def truth(self, condition: Condition, place: int) -> Truth:
        return evaluate(condition, self.examples[place], self.as_of).truth

    def shows(self, seen: EditEffect, place: int) -> bool:
        before = seeable(self.rules, self.truths[place], seen.visibility)
        truths, edit = dict(self.truths[place]), seen.edit
        if edit.after:
            truths[edit.subject] = self.truth(edit.after.condition, place)
        return before != seeable(edit.of(self.rules), truths, seen.visibility)


def seeable(rules: Ruleset, truths: Mapping[str, Truth], sight: Visibility) -> object:
    flags = {
        each.id
        for each in rules.criteria
        if truths[each.id] is (Truth.FALSE if each.tier in ASKED_FOR else Truth.TRUE)
    }
    if sight is Visibility.FLAG:
        return flags
    tiers = {each.tier for each in rules.criteria if each.id in flags}
    for outcome in rules.outcomes:
        if UNMET.get(outcome.trigger, outcome.tier) in tiers:
            return outcome.id
    return rules.outcomes[-1].id


def test_the_shipped_suites_are_as_small_as_can_be(cover: Cover) -> None:
    assert cover.needed == len(cover.certificate)
    assert len(cover.examples) == len(cover.whole_certificate)


def test_every_point_of_the_shipped_rules_is_seen(cover: Cover) -> None:
    edits = (seen.edit for seen in cover.obligations if seen.visibility not in VISIBLE)
    hidden = Counter((each.subject, each.operator) for each in edits)
    assert hidden == {
        # Complete answers to a new fracture say that it has not healed, which settles the same.
        ("fresh_fracture", Operator.STUCK_FALSE): 1,
        ("fresh_fracture", Operator.TIGHTER): 1,
        # Where no measure helps somewhat, complete answers have a clinician's yes to failed care.
        ("conservative_care_failed", Operator.STUCK_TRUE): 3,
        ("care_not_both", Operator.STUCK_TRUE): 3,
    }
    at_flag = {
        seen.edit.subject for seen in cover.obligations if seen.visibility is Visibility.FLAG
    }
    tiers = {shipped.ruleset().criterion(each).tier for each in at_flag}
    assert tiers <= {Tier.CAUTION, Tier.INFO}


def test_the_shipped_cases_show_every_point_and_every_edit(cover: Cover) -> None:
    judge = Judge(shipped.ruleset(), cover)
    for listed, count in ((cover.obligations, cover.needed), (cover.edits, len(cover.examples))):
        for seen in listed:
            if seen.visibility in VISIBLE:
                assert any(judge.shows(seen, place) for place in range(count)), seen.edit


def test_the_core_sees_the_same_edits_in_the_shipped_cases(cover: Cover) -> None:
    judge, rng = Judge(shipped.ruleset(), cover), rng_of("shipped edits")
    listed = [seen for seen in cover.edits if seen.visibility in VISIBLE]
    for seen in rng.sample(listed, 25):
        place = next(p for p in range(len(cover.examples)) if judge.shows(seen, p))
        answers = cover.examples[place]
        assert sees(seen.edit, shipped.ruleset(), answers, cover.as_of, seen.visibility), seen.edit


def test_no_generated_case_shows_two_of_the_certificate(cover: Cover) -> None:
    judge = Judge(shipped.ruleset(), cover)
    for place in range(len(cover.examples)):
        shown = [seen for seen in cover.whole_certificate if judge.shows(seen, place)]
        assert len(shown) == 1


def test_a_dropped_case_leaves_an_edit_unseen(cover: Cover) -> None:
    judge = Judge(shipped.ruleset(), cover)
    dropped = len(cover.examples) // 2
    rest = [place for place in range(len(cover.examples)) if place != dropped]
    unseen = [s for s in cover.whole_certificate if not any(judge.shows(s, p) for p in rest)]
    assert len(unseen) == 1


def test_dates_stand_on_the_last_day_inside_and_the_first_outside(cover: Cover) -> None:
    (test,) = {
        test for each in shipped.conditions() for test in (each,) if isinstance(test, Within)
    }
    outside = last_day_outside(test, cover.as_of)
    assert outside
    firm = cover.examples[: cover.needed]
    days = {answers[test.item].value for answers in firm if test.item in answers}
    assert {outside, outside + ONE_DAY} <= days


def test_the_file_is_read_back_and_every_case_passes(text: str, cover: Cover) -> None:
    rules = shipped.ruleset()
    examples = read_examples("generated", text.encode(), rules)
    assert [example.answers for example in examples] == [*map(dict, cover.examples), {}]
    assert [p for each in examples for p in check_example(each, rules)] == []
    settled = [each for each in examples[:-1] if each.outcome != "contradiction"]
    assert all(each.lists["needs"] == frozenset() for each in settled)
    assert len(settled) > len(examples) * 0.8
    assert digest_in(text) == rules.digest
    assert max(map(len, text.splitlines())) <= 100


def test_the_file_is_the_same_every_time(text: str) -> None:
    assert generate_examples(shipped.ruleset())[0] == text


def test_an_edited_rule_fails_its_generated_cases(text: str, cover: Cover) -> None:
    rules = shipped.ruleset()
    rng = rng_of("edited rules")
    at_outcome = [seen for seen in cover.edits if seen.visibility is Visibility.OUTCOME]
    for seen in rng.sample(at_outcome, 6):
        assert failures(seen.edit, rules, text), seen.edit


def failures(edit: Edit, rules: Ruleset, text: str) -> list[str]:
    """The problems of the examples under an edited ruleset, whose criteria may be fewer."""
    kept = edit.of(rules)
    examples = read_examples("generated", text.encode(), rules)
    return [str(p) for each in examples for p in check_example(each, kept)]


def test_every_kind_of_answer_is_written_and_read_back() -> None:
    items = [
        item("plain"),
        choice("one", "abc"),
        choice("many", "abc", ItemType.CHOICES),
        number("level", -3, 9),
        item("day", ItemType.DATE),
        item("open"),
    ]
    rules = ruleset(items, [criterion("x", Tier.CAUTION, within("day", 2))])
    answers = given(plain=False, one="b", many=frozenset({"a", "c"}), level=-2, day=AS_OF - ONE_DAY)
    typed = [answers, answers | {"open": UNKNOWN}, {}, answers | given(plain=True)]
    written = write_examples(rules, AS_OF, answers, typed, ["A remark."])
    examples = read_examples("toy", written.encode(), rules)
    assert [each.answers for each in examples] == typed
    assert [p for each in examples for p in check_example(each, rules)] == []
    assert "# A remark." in written
    assert digest_in(written) is None


def test_no_cases_make_an_empty_file_that_is_read() -> None:
    rules = ruleset([choice("one")], [criterion("x", Tier.INFO, one_of("one", "a"))])
    assert read_examples("toy", write_examples(rules, AS_OF, {}, []).encode(), rules) == []


def test_a_run_counts_cases_and_meets_every_truth(folder: Path, cover: Cover) -> None:
    run = read_coverage(shipped.ruleset(), folder)
    assert run.written == len(shipped.examples())
    assert run.generated == len(cover.examples) + 1
    assert run.problems == ()
    assert run.covered == len(shipped.ruleset().criteria)
    assert run.missing == {}
    assert not run.stale


def test_a_run_tells_which_generated_case_differs(folder: Path) -> None:
    path = generated_path(shipped.ruleset(), folder)
    text = path.read_text("utf-8").replace("outcome: emergency", "outcome: met", 1)
    path.write_text(text, "utf-8")
    (problem,) = read_coverage(shipped.ruleset(), folder).problems
    assert problem.code == "example-differs"
    assert problem.place.source == "generated/documented.examples.yaml"


def test_generated_cases_alone_meet_every_truth(folder: Path) -> None:
    (folder / "documented.examples.yaml").unlink()
    run = read_coverage(shipped.ruleset(), folder)
    assert run.written == 0
    assert run.missing == {}


def test_a_run_tells_what_no_case_meets(folder: Path) -> None:
    (folder / "documented.examples.yaml").unlink()
    generated_path(shipped.ruleset(), folder).unlink()
    run = read_coverage(shipped.ruleset(), folder)
    assert (run.written, run.generated, run.stale) == (0, 0, False)
    assert run.covered == 0
    assert set(run.missing) == {each.id for each in shipped.ruleset().criteria}


def test_a_run_tells_cases_of_other_rules(folder: Path) -> None:
    assert read_coverage(replace(shipped.ruleset(), digest="0" * 64), folder).stale


def test_what_the_cases_show_is_said_with_its_proof(cover: Cover) -> None:
    lines = " ".join(cover_lines(cover))
    assert f"{cover.needed} examples show each test" in lines
    assert lines.count("It is proved that no fewer examples would do.") == 2
    gap = replace(cover, certificate=cover.certificate[1:])
    assert f"fewer than {cover.needed - 1} would not do" in " ".join(cover_lines(gap))


def test_points_and_edits_that_cases_do_not_show_are_said(cover: Cover) -> None:
    hidden = replace(cover.obligations[0], visibility=Visibility.NOWHERE)
    open_ = replace(cover.edits[0], visibility=Visibility.MISSING)
    lines = cover_lines(replace(cover, obligations=(hidden,), edits=(open_,)))
    assert "Further points that are proved to be seen nowhere in complete answers: 1." in lines
    assert "Edits that are proved to be seen only while answers are missing: 1." in lines
