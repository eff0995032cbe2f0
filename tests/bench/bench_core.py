"""How long the shipped rules take, as ratios to plain work done in the same run.

Usage: python tests/bench/bench_core.py

Ratios to a baseline of the same run can be compared between machines and days; seconds cannot.
"""

import json
import statistics
import time
from collections.abc import Callable

import yaml

from screening.core.results.assess import Assessment, assess
from screening.core.values.answer import AbsentReason, Answer
from screening.files.rule_files import load_examples, load_ruleset, load_texts
from screening.formats.documents.answers_json import write_assessment

REPEATS = 9


def milliseconds(work: Callable[[], object], rounds: int) -> float:
    """The median time of one round."""
    times: list[float] = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for _ in range(rounds):
            work()
        times.append((time.perf_counter() - start) / rounds * 1000)
    return statistics.median(times)


def show(name: str, work: Callable[[], object], baseline: tuple[str, float], rounds: int) -> None:
    took, (plain, base) = milliseconds(work, rounds), baseline
    print(f"{name:<42}{took:9.3f} ms {took / base:8.2f} x {plain}")


def written(result: Assessment) -> str:
    return json.dumps(write_assessment(result))


def main() -> None:
    """Print one line for each measurement."""
    ruleset = load_ruleset()
    case = next(each for each in load_examples(ruleset) if each.name == "everything_met")
    complete, as_of = case.answers, case.as_of
    unknown = Answer(absent=AbsentReason.ASKED_UNKNOWN)
    few = complete | dict.fromkeys(("cause", "levels", "care_bracing"), unknown)
    document = write_assessment(assess(ruleset, complete, as_of))
    dump = ("json.dumps of the result", milliseconds(lambda: json.dumps(document), 50))
    show("assess, everything known", lambda: assess(ruleset, complete, as_of), dump, 50)
    show("assess, three answers unknown", lambda: assess(ruleset, few, as_of), dump, 20)
    show("assess, nothing answered", lambda: assess(ruleset, {}, as_of), dump, 2)
    show("assess and write as JSON", lambda: written(assess(ruleset, few, as_of)), dump, 20)
    texts = [text.data for text in load_texts().values()]
    parse = ("yaml.parse of the rule files", milliseconds(lambda: _events(texts), 1))
    show("load, check and prove the rules", load_ruleset, parse, 1)


def _events(texts: list[bytes]) -> int:
    return sum(1 for text in texts for _ in yaml.parse(text, Loader=yaml.SafeLoader))


if __name__ == "__main__":
    main()
