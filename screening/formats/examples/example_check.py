"""The examples of a ruleset together: a cause that they share once, and what none shows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from screening.core.compiled.model import model_of
from screening.core.results.assess import assess
from screening.core.rules.condition import items_in
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth
from screening.errors import Place, Problem
from screening.formats.examples.example_file import Base, Example, check_example
from screening.formats.examples.example_writer import write_answer

_WORDS = {Truth.TRUE: "true", Truth.FALSE: "false", Truth.UNKNOWN: "unknown"}


def check_examples(examples: Sequence[Example], ruleset: Ruleset, source: str) -> list[Problem]:
    """Run written examples; once all come out as expected, see that they try every criterion.

    Args:
        examples: the written examples of one ruleset.
        ruleset: the ruleset; a part for others to include needs no examples.
        source: the example file, as it is shown.
    """
    found = differences(examples, ruleset)
    return found if found or not ruleset.outcomes else list(_untried(examples, ruleset, source))


def differences(examples: Sequence[Example], ruleset: Ruleset) -> list[Problem]:
    """Run examples; where one answer of their base corrects several, only that answer is shown.

    Returns:
        The problems, those of a base before those of single examples.
    """
    found = {id(each): problems for each in examples if (problems := check_example(each, ruleset))}
    shared: list[Problem] = []
    for base, listed in _by_base(examples).items():
        differing = [each for each in listed if id(each) in found]
        if len(differing) > 1 and (change := _find_correction(base, listed, differing, ruleset)):
            shared.append(_said_once(base, differing, *change))
            for each in differing:
                del found[id(each)]
    return [*shared, *(problem for problems in found.values() for problem in problems)]


def _untried(examples: Sequence[Example], ruleset: Ruleset, source: str) -> Iterator[Problem]:
    """The criteria that no written example makes true, or false, or unknown."""
    seen: dict[str, set[Truth]] = {each.id: set() for each in ruleset.criteria}
    for example in examples:
        for found in assess(ruleset, example.answers, example.as_of).findings:
            seen[found.criterion.id].add(found.truth)
    if not examples:
        yield _missing(source, f"`{ruleset.id}` has no written examples")
        return
    for name, truths in seen.items():
        if truths != set(Truth):
            yield _missing(source, f"no written example makes `{name}` {_listed(truths)}")


def _missing(source: str, message: str) -> Problem:
    hint = "write examples in which each criterion is true, false and unknown"
    return Problem(code="untried", message=message, place=Place(source=source), hint=hint)


def _listed(truths: set[Truth]) -> str:
    return " or ".join(_WORDS[truth] for truth in _WORDS if truth not in truths)


def _by_base(examples: Iterable[Example]) -> Mapping[Base, list[Example]]:
    grouped: dict[Base, list[Example]] = {}
    for example in examples:
        if example.base is not None:
            grouped.setdefault(example.base, []).append(example)
    return grouped


def _find_correction(
    base: Base, listed: Sequence[Example], differing: Sequence[Example], ruleset: Ruleset
) -> tuple[str, Answer] | None:
    """One answer of a base with which all of its examples come out as expected, if there is one."""
    for link_id in _suspects(base, differing, ruleset):
        for answer in _answers(link_id, base, ruleset):
            corrected = (_with(each, link_id, answer) for each in (*differing, *listed))
            if not any(check_example(each, ruleset) for each in corrected):
                return link_id, answer
    return None


def _suspects(base: Base, differing: Sequence[Example], ruleset: Ruleset) -> Iterator[str]:
    """The items that all differing examples share: unanswered ones, then those of flags."""
    results = [assess(ruleset, each.answers, each.as_of) for each in differing]
    needed = set[str].intersection(*(set(each.needs) for each in results))
    yield from (link_id for link_id in ruleset.items if link_id in needed - base.answers.keys())
    flagged = [{flag.criterion.id for flag in each.flags} for each in results]
    for criterion_id in sorted(set[str].intersection(*flagged)):
        yield from sorted(items_in(ruleset.criterion(criterion_id).condition))


def _answers(link_id: str, base: Base, ruleset: Ruleset) -> Iterator[Answer]:
    """Every answer to an item that the rules can tell apart."""
    model = model_of(ruleset)
    if link_id in model.levels:
        variable = model.variables[model.levels[link_id]]
        values = variable.values(base.as_of).values()
        yield from (Answer(value=listed[0]) for listed in values)


def _with(example: Example, link_id: str, answer: Answer) -> Example:
    """An example as it would be if its base said so; what it answers itself stays."""
    if link_id in example.own:
        return example
    return replace(example, answers={**example.answers, link_id: answer})


def _said_once(base: Base, differing: Sequence[Example], link_id: str, answer: Answer) -> Problem:
    message = (
        f"{len(differing)} examples of the base `{base.name}` come out otherwise for one reason"
    )
    hint = f"with `{link_id}: {write_answer(answer)}` there they come out as their authors expect"
    return base.cursor.problem("example-differs", message, hint)
