"""Every address of the application: who may open it, and the templates its page is made with.

All of it is asked of the running application, never of a file's name: code may move.
"""

import dis
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import CodeType, FunctionType, MethodType, ModuleType

from flask import Flask
from werkzeug.routing import Rule

from screening.records.access import GRANTS, Permission
from screening.web.accounts import authorization

TEMPLATE = re.compile(r"[\w/]+\.html")
SETTING = re.compile(r"[A-Z_]+_TEMPLATE")
"""How Flask-Security names a template: by the setting, without ``SECURITY_``."""
RENDERING = ("screening.web", "flask_security")
Found = tuple[frozenset[str], tuple[object, ...]]


def table(app: Flask) -> str:
    """One line for each rule of the URL map, in the order of the addresses."""
    lines = (_line(app, rule) for rule in app.url_map.iter_rules())
    return "".join(f"{' '.join(each).rstrip()}\n" for each in sorted(lines))


def _line(app: Flask, rule: Rule) -> tuple[str, ...]:
    methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    who = _who(authorization.mark_of(app, rule.endpoint))
    templates = sorted(templates_of(app, app.view_functions[rule.endpoint]))
    return (
        *(f"{rule.rule:52}", f"{methods:8}", f"{rule.endpoint:37}", f"{who:44}"),
        *templates,
    )


def _who(mark: authorization.Mark | Permission | None) -> str:
    if isinstance(mark, Permission):
        roles = [role.value for role, granted in GRANTS.items() if mark in granted]
        return f"{mark.value}: {', '.join(roles)}"
    return mark.value if mark else "nobody"


def templates_of(app: Flask, view: Callable[..., object]) -> set[str]:
    """The templates that a view names, itself or by a function of the web that it refers to."""
    named = {name for function in reached(view, RENDERING) for name in named_by(function)}
    return {app.config[f"SECURITY_{n}"] if SETTING.fullmatch(n) else n for n in named}


def reached(view: Callable[..., object], modules: tuple[str, ...]) -> set[FunctionType]:
    """A view with what it refers to, directly or not, in modules whose names begin so."""
    seen: set[FunctionType] = set()
    waiting: list[object] = [view]
    while waiting:
        for function in _functions(waiting.pop(), modules):
            if function not in seen:
                seen.add(function)
                waiting += _found(function)[1]
    return seen


def named_by(function: FunctionType) -> frozenset[str]:
    """The templates that a function names."""
    return _found(function)[0]


def referred_to(functions: Iterable[FunctionType], module: str) -> set[FunctionType]:
    """The functions below a module that some functions name."""
    others = (each for function in functions for each in _found(function)[1])
    return {
        each
        for each in others
        if isinstance(each, FunctionType) and each.__module__.startswith(f"{module}.")
    }


def _functions(thing: object, modules: tuple[str, ...]) -> Iterator[FunctionType]:
    """The functions that stand behind a name: wrapped ones too, and all of a class."""
    if isinstance(thing, MethodType | staticmethod | classmethod):
        yield from _functions(thing.__func__, modules)
    elif isinstance(thing, property):
        yield from _functions(thing.fget, modules)
    elif isinstance(thing, FunctionType):
        if thing.__module__.startswith(modules):
            yield thing
        yield from _functions(getattr(thing, "__wrapped__", None), modules)
    elif isinstance(thing, type) and thing.__module__.startswith(modules):
        for each in vars(thing).values():
            if not isinstance(each, type):
                yield from _functions(each, modules)


@cache
def _found(function: FunctionType) -> Found:
    """The templates that a function names, and what else it refers to."""
    words: set[str] = set()
    others: list[object] = []
    cells = [each.cell_contents for each in function.__closure__ or ()]
    around = dict(zip(function.__code__.co_freevars, cells, strict=True))
    for code in _codes(function.__code__):
        for thing in (*code.co_consts, *_referred(code, function.__globals__, around)):
            words |= set(_names(thing))
            others.append(thing)
    return frozenset(words), tuple(others)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes(each)


def _referred(
    code: CodeType, known: dict[str, object], around: dict[str, object]
) -> Iterator[object]:
    """What stands behind ``name``, ``module.name`` and ``Class.name`` in some code."""
    at: object = None
    for step in dis.get_instructions(code):
        if step.opname.startswith("LOAD_GLOBAL"):
            at = known.get(step.argval)
        elif step.opname == "LOAD_DEREF":
            at = around.get(step.argval)
        elif step.opname in {"LOAD_ATTR", "LOAD_METHOD"}:
            at = getattr(at, step.argval, None) if isinstance(at, ModuleType | type) else None
        else:
            continue
        yield at


def _names(thing: object) -> Iterator[str]:
    if isinstance(thing, str):
        if TEMPLATE.fullmatch(thing) or SETTING.fullmatch(thing):
            yield thing
    elif isinstance(thing, dict):
        yield from _all_names(thing.values())
    elif isinstance(thing, tuple | frozenset):
        yield from _all_names(thing)


def _all_names(things: Iterable[object]) -> Iterator[str]:
    for each in things:
        yield from _names(each)
