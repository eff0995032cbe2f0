"""Straight Python made from a program: no tree is walked while answers are evaluated.

The source that is compiled holds names and numbers of our own only. Link ids, codes and whatever
else comes from a rule file are values that the code is given, never a part of its text.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, assert_never

from screening.core.compiled.program import (
    OPPOSITE,
    TRUE,
    UNKNOWN,
    DaysLevel,
    GatherStep,
    InputLevel,
    NotStep,
    Program,
    RecentStep,
    TestStep,
)
from screening.core.compiled.variable import Variable
from screening.core.values.answer import EARLIEST_DAY, Value

Row = Mapping[str, Value | None]
"""Link id to value, None where there is none."""

Trace = tuple[int, ...]
"""The truth of each step of a program, by its number: the whole trace of an evaluation."""

Heads = tuple[int, ...]
"""The branch of each input of a program."""

Run = Callable[..., tuple[Heads, Trace]]

_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Straight:
    """The functions of a program. Days are the first and last day of each date, as ordinals.

    - ``on(*cuts)`` takes the cut-offs of a screening date, as ordinals, and gives three functions:
      ``run(row, *days)`` gives the heads and the trace of a row that has every input;
      ``branches(heads, *days)`` gives the branch of each variable of the model;
      ``forbidden(heads, *days)`` gives the truth of each condition of ``Program.nevers``.
    - ``needs(trace, *bits)`` takes for each date of the program the bits of the items whose answers
      could make it better known. It gives those of the items that can still decide a criterion.
    """

    on: Callable[..., tuple[Run, Callable[..., tuple[int, ...]], Callable[..., tuple[int, ...]]]]
    needs: Callable[..., int]


class Readings(dict[Value | None, tuple[int, ...]]):
    """The branch of each value of an item and the truth of each of its tests, found when needed."""

    def __init__(self, variable: Variable, truths: Sequence[tuple[int, ...]]) -> None:
        """Know what is no answer.

        Args:
            variable: the item with its branches.
            truths: for each test its truth under each branch.
        """
        super().__init__()
        self._variable, self._truths = variable, truths
        self[None] = self._at(variable.unknown)

    def __missing__(self, value: Value) -> tuple[int, ...]:
        """Find what a value comes to.

        Raises:
            TypeError: if the value does not fit the item.
        """
        item = self._variable.item
        if not item.admits(value):
            message = f"the answer to {item.link_id} is none that its question admits"
            raise TypeError(message)
        found = self._at(self._variable.locate(value, EARLIEST_DAY))
        if len(self) < _MOST_REMEMBERED:
            self[value] = found
        return found

    def _at(self, branch: int) -> tuple[int, ...]:
        return branch, *(truths[branch] for truths in self._truths)


def compile_program(program: Program, bits: Sequence[int]) -> Straight:
    """Compile a program to Python; time O(steps).

    Args:
        program: what to compile.
        bits: for each input of the program, the bit that is its item's.
    """
    tests = _tests(program)
    links = [variable.item.link_id for variable in program.inputs]
    names: dict[str, Any] = {"__builtins__": {}, "pick": _picker(links)}
    for place, variable in enumerate(program.inputs):
        truths = [step.truths for _, step in tests[place]]
        names[f"r{place}"] = Readings(variable, truths)
    source = "\n".join([*_on_source(program, tests), *_needs_source(program, bits)])
    exec(compile(source, "<program>", "exec"), names)  # noqa: S102 - the source is our own, see above
    return Straight(on=names["on"], needs=names["needs"])


def _tests(program: Program) -> list[list[tuple[int, TestStep]]]:
    """The tests of each input that are not of rules of consistency alone, with their places."""
    found: list[list[tuple[int, TestStep]]] = [[] for _ in program.inputs]
    for place, step in enumerate(program.steps[: program.own]):
        if isinstance(step, TestStep):
            found[step.at].append((place, step))
    return found


def _picker(links: Sequence[str]) -> Callable[[Row], tuple[Value | None, ...]]:
    """The values of items in a row, as a tuple however many there are."""
    if len(links) > 1:
        return itemgetter(*links)
    return lambda row: tuple(row[link_id] for link_id in links)


def _on_source(program: Program, tests: Sequence[Sequence[tuple[int, TestStep]]]) -> Iterator[str]:
    """The source of ``on``: v, i, f, l, c, s are values, heads, days, cut-offs and steps."""
    days = "".join(f", f{place}, l{place}" for place in range(len(program.days)))
    heads, steps = _names("i", len(program.inputs)), range(program.own)
    yield f"def on({_names('c', len(program.cuts))}):"
    yield f"  def run(row{days}):"
    yield f"    [{_names('v', len(program.inputs))}] = pick(row)"
    for place, listed in enumerate(tests):
        truths = "".join(f"s{step}, " for step, _ in listed)
        yield f"    i{place}, {truths} = r{place}[v{place}]"
    yield from (f"    s{at} = {_truth(program, at)}" for at in steps if not _is_test(program, at))
    yield f"    return ({heads}), ({_names('s', program.own)})"
    yield f"  def branches(heads{days}):"
    yield f"    [{heads}] = heads"
    yield f"    return ({''.join(f'{_branch(level)}, ' for level in program.levels)})"
    yield f"  def forbidden(heads{days}):"
    yield f"    [{heads}] = heads"
    yield from (
        f"    s{at} = {_truth(program, at)}" for at in reached(program, program.nevers.values())
    )
    yield f"    return ({''.join(f's{at}, ' for at in program.nevers.values())})"
    yield "  return run, branches, forbidden"


def _is_test(program: Program, place: int) -> bool:
    return isinstance(program.steps[place], TestStep)


def _truth(program: Program, place: int) -> str:
    step = program.steps[place]
    match step:
        case TestStep(at=item, truths=truths):
            return f"{truths}[i{item}]"
        case RecentStep(days=days, cut=cut):
            return f"3 if f{days} > c{cut} else 0 if l{days} <= c{cut} else 1"
        case NotStep(part=part):
            return f"{OPPOSITE}[s{part}]"
        case GatherStep(count=count, parts=parts):
            return _gathered(count, [f"s{part}" for part in parts])
        case _:
            assert_never(step)


def _gathered(count: int, parts: Sequence[str]) -> str:
    if count == len(parts):
        return " & ".join(parts) or str(TRUE)
    if count == 1:
        return " | ".join(parts) or "0"
    sure = " + ".join(f"({part} == {TRUE})" for part in parts) or "0"
    open_ = " + ".join(f"({part} != 0)" for part in parts) or "0"
    return f"{TRUE} if {sure} >= {count} else {UNKNOWN} if {open_} >= {count} else 0"


def _branch(level: InputLevel | DaysLevel) -> str:
    match level:
        case InputLevel(at=place, branches=branches):
            same = branches == tuple(range(len(branches)))
            return f"i{place}" if same else f"{branches}[i{place}]"
        case DaysLevel(days=days, cuts=cuts, branches=branches):
            last, first = (
                " + ".join(f"({bound}{days} <= c{cut})" for cut in cuts) or "0" for bound in "lf"
            )
            return f"{branches}[{last}][{first}]"
        case _:
            assert_never(level)


def _needs_source(program: Program, bits: Sequence[int]) -> Iterator[str]:
    """The source of ``needs``: n are the bits found so far, d those of a date."""
    yield f"def needs(trace{''.join(f', d{place}' for place in range(len(program.days)))}):"
    yield f"  [{_names('s', program.own)}] = trace"
    yield "  n = 0"
    for place in program.criteria:
        yield from _needed(program, bits, place, "  ")
    yield "  return n"


def _needed(program: Program, bits: Sequence[int], place: int, margin: str) -> Iterator[str]:
    """Adds what could decide a step, if it is not decided."""
    step = program.steps[place]
    match step:
        case TestStep(at=item):
            yield f"{margin}if s{place} == {UNKNOWN}: n |= {bits[item]}"
        case RecentStep(days=days):
            yield f"{margin}if s{place} == {UNKNOWN}: n |= d{days}"
        case NotStep(part=part):
            yield from _needed(program, bits, part, margin)
        case GatherStep(parts=parts) if parts:
            yield f"{margin}if s{place} == {UNKNOWN}:"
            for part in parts:
                yield from _needed(program, bits, part, f"{margin} ")
        case GatherStep():
            return  # nothing can be missing where nothing is asked
        case _:
            assert_never(step)


def reached(program: Program, roots: Iterable[int]) -> list[int]:
    """The steps that some steps are made of, and those themselves, in order."""
    found = set(roots)
    for place in reversed(range(len(program.steps))):
        step = program.steps[place]
        if place in found and isinstance(step, NotStep):
            found.add(step.part)
        elif place in found and isinstance(step, GatherStep):
            found.update(step.parts)
    return sorted(found)


def _names(letter: str, count: int) -> str:
    return "".join(f"{letter}{place}, " for place in range(count))
