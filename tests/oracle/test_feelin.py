"""Conditions agree with feelin, an interpreter of FEEL that others wrote, on random expressions."""

import json
import os
import random
import secrets
import subprocess
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pytest
from support.rulesets.builders import AS_OF, UNKNOWN, yes
from support.setup.node import node

from screening.core.rules.condition import AtLeast, Condition, Not, all_of, any_of
from screening.core.rules.finding import evaluate
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth

HERE = Path(__file__).parent
FEELIN = HERE.parent / "node" / "node_modules" / "feelin"
EXPRESSIONS = 3000
LITERALS = {"true": Truth.TRUE, "false": Truth.FALSE, "null": Truth.UNKNOWN}
# In FEEL whatever is no boolean counts as null; `12 > null` is null as well.
NO_BOOLEANS = ('"yes"', "12", "[]", "{}", "12 > null", "null")
ANSWERS = {"true": Answer(value=True), "false": Answer(value=False), "null": UNKNOWN}


@dataclass
class Written:
    """A condition, the same in FEEL, and the answers to its items."""

    condition: Condition
    feel: str
    answers: dict[str, Answer]


class Writer:
    """Writes random conditions; every leaf is a yes/no item of its own."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._answers: dict[str, Answer] = {}

    def write(self) -> Written:
        self._answers = {}
        condition, feel = self._write(self._chance.randint(1, 4))
        # "and true" changes no truth, and makes null of a text or number that stands alone.
        return Written(condition, f"{feel} and true", self._answers)

    def _write(self, depth: int) -> tuple[Condition, str]:
        shape = self._chance.choice(("and", "or", "not", "count", "leaf")) if depth else "leaf"
        if shape == "leaf":
            return self._leaf()
        if shape == "not":
            condition, feel = self._write(depth - 1)
            return Not(part=condition), f"not({feel})"
        parts, feels = zip(
            *(self._write(depth - 1) for _ in range(self._chance.randint(2, 4))), strict=True
        )
        if shape == "count":
            count = self._chance.randint(1, len(parts))
            return AtLeast(count=count, parts=parts), _counted(count, feels)
        joined = all_of(*parts) if shape == "and" else any_of(*parts)
        return joined, "(" + f" {shape} ".join(feels) + ")"

    def _leaf(self) -> tuple[Condition, str]:
        literal, link_id = self._chance.choice(list(LITERALS)), f"item_{len(self._answers)}"
        self._answers[link_id] = ANSWERS[literal]
        if literal != "null":
            return yes(link_id), literal
        if self._chance.random() < 1 / 3:
            del self._answers[link_id]
            self._answers[link_id + "_asked"] = UNKNOWN  # keeps the numbers of items apart
        return yes(link_id), self._chance.choice(NO_BOOLEANS)


def _counted(count: int, feels: tuple[str, ...]) -> str:
    """At least so many of the parts, in a language that has only "and" and "or"."""
    ways = ("(" + " and ".join(way) + ")" for way in combinations(feels, count))
    return "(" + " or ".join(ways) + ")"


def feelin_says(texts: list[str]) -> list[bool | None]:
    """What feelin makes of expressions, all of them in one process."""
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    said = subprocess.run(
        [node(), str(HERE / "feelin.mjs")], input=lines, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in said.stdout.splitlines()]


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    """Without node there is no oracle: no matter on a laptop, a failure in CI."""
    if not node() or not FEELIN.is_dir():
        reason = "needs node and the packages of tests/node, which `make setup-test` fetches"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


TRUTH_OF = {True: Truth.TRUE, False: Truth.FALSE, None: Truth.UNKNOWN}


def test_random_conditions_come_to_what_feelin_says() -> None:
    seed = secrets.randbits(32)
    writer = Writer(random.Random(seed))
    written = [writer.write() for _ in range(EXPRESSIONS)]
    said = feelin_says([each.feel for each in written])
    assert len(said) == EXPRESSIONS
    for each, value in zip(written, said, strict=True):
        found = evaluate(each.condition, each.answers, AS_OF).truth
        assert found is TRUTH_OF[value], f"{each.feel} {each.answers} (seed {seed})"
    assert {*said} == {True, False, None}, "every truth must come up, or the test shows little"


def test_the_oracle_is_the_version_that_was_chosen() -> None:
    assert json.loads((FEELIN / "package.json").read_text("utf-8"))["version"].startswith("8.2.")


@pytest.mark.parametrize(("feel", "truth"), [*LITERALS.items(), ("12 > null", Truth.UNKNOWN)])
def test_the_oracle_itself_tells_three_truths_apart(feel: str, truth: Truth) -> None:
    assert [TRUTH_OF[value] for value in feelin_says([feel])] == [truth]
