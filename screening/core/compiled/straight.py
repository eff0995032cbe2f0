"""Straight Python made from a program: no tree is walked while answers are evaluated.

The source that is compiled holds names and numbers of our own only. Link ids, codes and whatever
else comes from a rule file are values that the code is given, never a part of its text.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeGuard, TypeVar, assert_never

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
    Step,
    TestStep,
)
from screening.core.compiled.variable import Variable
from screening.core.values.answer import EARLIEST_DAY, Value

Row = Mapping[str, Value | None]
"""Link id to value, None where there is none."""

Trace = tuple[int, ...]
"""The truth of each step of a program, by its number: the whole trace of an evaluation."""

Picked = tuple[Value | None, ...]
"""The value of each input of a program."""

_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Straight:
    """The functions of a program.

    A row has a value, or None, for every input. ``cuts`` are the cut-offs of a screening date, and
    days the first and the last day of each date, all of them as ordinals.

    - ``forbidden(row, cuts, *days)`` gives the truth of each condition of ``Program.nevers``.
    - ``run(row, cuts, *days)`` gives the values of the inputs, and the trace.
    - ``branches(values, cuts, *days)`` gives the branch of each variable of the model.
    - ``needs(trace, *bits)`` takes for each date of the program the bits of the items whose answers
      could make it better known. It gives those of the items that can still decide a criterion.
    """

    forbidden: Callable[..., tuple[int, ...]]
    run: Callable[..., tuple[Picked, Trace]]
    branches: Callable[..., tuple[int, ...]]
    needs: Callable[..., int]


Read = TypeVar("Read")


class Readings(dict[Value | None, Read]):
    """The meaning of each value of an item, found when it is first met."""

    def __init__(self, variable: Variable, meaning: Sequence[Read]) -> None:
        """Know what is no answer.

        Args:
            variable: the item with its branches.
            meaning: what each branch comes to.
        """
        super().__init__({None: meaning[variable.unknown]})
        self._variable, self._meaning = variable, meaning

    def __missing__(self, value: Value) -> Read:
        """Find what a value comes to.

        Raises:
            TypeError: if the value does not fit the item.
        """
        item = self._variable.item
        if not item.admits(value):
            message = f"the answer to {item.link_id} is none that its question admits"
            raise TypeError(message)
        found = self._meaning[self._variable.locate(value, EARLIEST_DAY)]
        if len(self) < _MOST_REMEMBERED:
            self[value] = found
        return found


def compile_program(program: Program, bits: Sequence[int]) -> Straight:
    """Compile a program to Python; time O(steps).

    Args:
        program: what to compile.
        bits: for each input of the program, the bit that is its item's.
    """
    tests, nevers = _tests(program), reached(program, program.nevers.values())
    links = [variable.item.link_id for variable in program.inputs]
    read = sorted({step.at for step in map(program.steps.__getitem__, nevers) if _is_test(step)})
    names: dict[str, Any] = {
        "__builtins__": {},
        "pick": _picker(links),
        "pick_some": _picker([links[place] for place in read]),
    }
    for place, variable in enumerate(program.inputs):
        branches = range(variable.width)
        names[f"b{place}"] = Readings(variable, branches)
        truths = list(zip(*(step.truths for _, step in tests[place]), strict=True))
        names[f"r{place}"] = Readings(variable, [_alone(each) for each in truths or branches])
    source = [
        *_forbidden_source(program, read, nevers),
        *_run_source(program, tests),
        *_branches_source(program),
        *_needs_source(program, bits),
    ]
    exec(compile("\n".join(source), "<program>", "exec"), names)  # noqa: S102 - the source is our own, see above
    made = {name: names[name] for name in ("forbidden", "run", "branches", "needs")}
    return Straight(**made)


def _tests(program: Program) -> list[list[tuple[int, TestStep]]]:
    """The tests of each input that are not of rules of consistency alone, with their places."""
    found: list[list[tuple[int, TestStep]]] = [[] for _ in program.inputs]
    for place, step in enumerate(program.steps[: program.own]):
        if isinstance(step, TestStep):
            found[step.at].append((place, step))
    return found


def _picker(links: Sequence[str]) -> Callable[[Row], Picked]:
    """The values of items in a row, as a tuple however many there are."""
    if len(links) > 1:
        return itemgetter(*links)
    return lambda row: tuple(row[link_id] for link_id in links)


def _head(name: str, first: str, program: Program) -> Iterator[str]:
    """The head of a function: c, f and l are cut-offs, first and last days."""
    days = "".join(f", f{place}, l{place}" for place in range(len(program.days)))
    yield f"def {name}({first}, cuts{days}):"
    yield f"  [{_names('c', len(program.cuts))}] = cuts"


def _forbidden_source(
    program: Program, read: Sequence[int], nevers: Sequence[int]
) -> Iterator[str]:
    """The source of ``forbidden``: v, i and s are values, branches and truths of steps."""
    yield from _head("forbidden", "row", program)
    yield f"  [{''.join(f'v{place}, ' for place in read)}] = pick_some(row)"
    yield from (f"  i{place} = b{place}[v{place}]" for place in read)
    yield from (f"  s{place} = {_truth(program, place)}" for place in nevers)
    yield f"  return ({''.join(f's{place}, ' for place in program.nevers.values())})"


def _run_source(program: Program, tests: Sequence[Sequence[tuple[int, TestStep]]]) -> Iterator[str]:
    """The source of ``run``: the truths of an item's tests are read at once."""
    yield from _head("run", "row", program)
    yield "  values = pick(row)"
    yield f"  [{_names('v', len(program.inputs))}] = values"
    for place, listed in enumerate(tests):
        if listed:
            truths = ", ".join(f"s{step}" for step, _ in listed)
            yield f"  {truths} = r{place}[v{place}]"
    for place, step in enumerate(program.steps[: program.own]):
        if not _is_test(step):
            yield f"  s{place} = {_truth(program, place)}"
    yield f"  return values, ({_names('s', program.own)})"


def _branches_source(program: Program) -> Iterator[str]:
    yield from _head("branches", "values", program)
    yield f"  [{_names('v', len(program.inputs))}] = values"
    yield f"  return ({''.join(f'{_branch(level)}, ' for level in program.levels)})"


def _is_test(step: Step) -> TypeGuard[TestStep]:
    return isinstance(step, TestStep)


def _alone(truths: tuple[int, ...] | int) -> tuple[int, ...] | int:
    """A truth without its tuple, if it is the only one."""
    return truths[0] if isinstance(truths, tuple) and len(truths) == 1 else truths


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
            branch = f"b{place}[v{place}]"
            return branch if same else f"{branches}[{branch}]"
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
