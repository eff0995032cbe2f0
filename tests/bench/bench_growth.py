"""The cost of everything as questions and criteria grow to eight times as many.

Usage: python tests/bench/bench_growth.py [SIZES...]

The rules are the shipped ones, once and several times over under other names (``grown``), with
unknown answers, spans of days and contradictions in each copy. Times are CPU time at each size,
beside the first. The evaluation of one set must grow no faster than n log n. Pictures are kept in
the folder of the report.
"""

import sys
import time
from collections.abc import Callable, Mapping
from math import log2
from statistics import median

from support.batch.columns import Person, table
from support.bench.answer_rows import AS_OF, AnswerSet, mixed
from support.bench.grown import copied_answers, copies
from support.bench.plot import plot
from support.bench.report import FOLDER, agree
from support.oracles.slow_assessment import comparable, slow_assessment

from screening.batch.columns.kernel import Kernel
from screening.core.compiled.diagram import BudgetError
from screening.core.compiled.model import compile_ruleset, model_of
from screening.core.results.assess import assess
from screening.core.results.evaluation import Evaluator, Judge
from screening.core.rules.ruleset import Ruleset
from screening.files.rule_files import load_ruleset
from screening.proof.checks.prove import prove
from screening.proof.explanation.reasons import Explainer
from screening.web import create_app

SIZES = (1, 2, 4, 8)
SETS, EXPLAINED, ROWS = 60, 6, 4_000
ROUNDS = 5
EVALUATION = ("one answer set", "the nurse's page", "a row of a batch")
"""What happens for each patient: it may not grow faster than n log n."""
SLACK = 1.25
"""For what the clock of a busy machine adds."""


def answer_sets(count: int, sets: list[AnswerSet]) -> list[AnswerSet]:
    """Sets for so many copies, each copy answered by another set."""
    return [
        AnswerSet(
            {
                link_id: answer
                for copy in range(count)
                for link_id, answer in copied_answers(
                    sets[(place + 7 * copy) % len(sets)].answers, f"_{copy}"
                ).items()
            },
            each.birth_year,
        )
        for place, each in enumerate(sets)
    ]


def cpu(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The CPU seconds of a work, the median of some rounds after a first one."""
    times: list[float] = []
    for number in range(rounds + (rounds > 1)):
        began = time.process_time()
        work()
        if number or rounds == 1:
            times.append(time.process_time() - began)
    return median(times)


def measure(rules: Ruleset, sets: list[AnswerSet]) -> dict[str, float]:
    """The CPU seconds of each work for one size."""
    agree(
        f"{len(rules.items)} questions, {len(rules.criteria)} criteria",
        (
            (comparable(assess(rules, a, AS_OF, born)), slow_assessment(rules, a, AS_OF, born))
            for a, born in sets[:20]
        ),
    )
    model, evaluator, kernel = model_of(rules), Evaluator(Judge(rules), AS_OF), Kernel(rules)
    explainer = Explainer(model)
    people = [Person(a, AS_OF, born) for a, born in sets]
    rows = table(rules.items, people * (ROWS // len(people)))
    client = create_app(rules).test_client()
    return {
        "compile": cpu(lambda: compile_ruleset(rules), 1),
        "prove": cpu(lambda: prove(model, AS_OF), 1),
        "one answer set": cpu(lambda: [evaluator.evaluate(*each) for each in sets]) / len(sets),
        "all reasons": cpu(lambda: [explainer.explain(a, AS_OF) for a, _ in sets[:EXPLAINED]], 3)
        / EXPLAINED,
        "the nurse's page": cpu(lambda: client.get("/nurse/"), 3),
        "a row of a batch": cpu(lambda: kernel.evaluate(rows), 3) / rows.rows,
    }


def show(sizes: tuple[int, ...], found: Mapping[int, Mapping[str, float]]) -> int:
    """Print the table and draw the picture; gives 1 if a goal is not met."""
    print("\n| | " + " | ".join(f"{size} x" for size in sizes) + " | goal at the largest |")
    print("|---|" + "---:|" * len(sizes) + "---|")
    worst, most = 0, sizes[-1] / sizes[0]
    questions = 55 * sizes[0]
    allowed = most * log2(questions * most) / log2(questions) * SLACK
    lines = {name: [found[size][name] for size in sizes] for name in found[sizes[0]]}
    for name, times in lines.items():
        ratios = [each / times[0] for each in times]
        goal = ""
        if name in EVALUATION:
            met = ratios[-1] <= allowed
            worst |= not met
            goal = f"≤ {allowed:.1f} {'met' if met else '**not met**'}"
        print("|", *(f"{cell} |" for cell in (name, *(f"{each:.1f}" for each in ratios), goal)))
    FOLDER.mkdir(exist_ok=True)
    picture = FOLDER / "growth.svg"
    picture.write_text(plot("CPU time by size of the rules", sizes, lines), "utf-8")
    print(f"\n![growth]({picture.name})")
    return int(worst)


def show_budget(rules: Ruleset) -> None:
    """Print what is said of rules whose diagrams would grow too large."""
    try:
        compile_ruleset(rules, budget=1_000)
    except BudgetError as error:
        print(f"\nWith a budget that is too small: “{error}”")


def main(sizes: tuple[int, ...]) -> int:
    """Measure."""
    shipped_rules = load_ruleset()
    sets = mixed(shipped_rules, SETS)
    found = {size: measure(copies(shipped_rules, size), answer_sets(size, sets)) for size in sizes}
    show_budget(shipped_rules)
    return show(sizes, found)


if __name__ == "__main__":
    sys.exit(main(tuple(map(int, sys.argv[1:])) or SIZES))
