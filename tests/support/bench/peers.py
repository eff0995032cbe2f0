"""Other rule engines, each with the criteria in the encodings that suit it best.

They are installed for `make bench` only; what is not installed is left out. Whatever can be done
before an answer set comes, such as compiling, or leaving unknown columns out, is not measured.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, NamedTuple

from support.bench.answer_rows import Row, first_key, last_key
from support.bench.plain import FALSE, TRUE, UNKNOWN
from support.bench.planes import Infix, JsonLogic, plane

from screening.core.rules.condition import Within, tests_in
from screening.core.rules.ruleset import Ruleset

Module = Any
"""An engine, which is not installed where types are checked."""
WORDS = {
    "zen": ("and", "or", "not ", "contains({set}, {code})"),
    "cel": ("&&", "||", "!", "{code} in {set}"),
    "rule_engine": ("and", "or", "not ", "{code} in {set}"),
}
"""And, or, not, and "a set contains a code"."""
SLOW = 100
"""Rows that are enough where each takes hundreds of microseconds."""


class Peer(NamedTuple):
    """One engine in one encoding.

    ``encode`` makes its input of a settled row, which is not measured; ``judge`` is, and gives
    what ``read`` reads the truths of the criteria from.
    """

    name: str
    encode: Callable[[Row], Any]
    judge: Callable[[Any], Any]
    read: Callable[[Any], tuple[int, ...]] = tuple
    rows: int | None = None


def installed_peers(rules: Ruleset, as_of: dt.date) -> Iterator[Peer]:
    """Every encoding of every engine that is installed."""
    for module, make in _ENGINES.items():
        if find_spec(module):
            yield from make(import_module(module), rules, as_of)


def _datalogic(module: Module, rules: Ruleset, as_of: dt.date) -> Iterator[Peer]:
    rule = module.Engine().compile({"merge": _json_logic(rules, as_of)})
    known = _known_only(rules)
    yield Peer("datalogic, one rule", known, rule.evaluate)
    text = Peer(
        "datalogic, JSON text in and out", lambda row: json.dumps(known(row)), rule.evaluate_str
    )
    yield text._replace(read=lambda said: tuple(json.loads(said)))


def _zen(module: Module, rules: Ruleset, as_of: dt.date) -> Iterator[Peer]:
    truths = _texts(rules, as_of, "zen")
    expression = module.compile_expression(f"[{', '.join(truths)}]")
    yield Peer("zen, one expression", _columns(rules), expression.evaluate)
    decision = module.ZenEngine().create_decision(json.dumps(_zen_graph(truths)))
    yield Peer(
        "zen, a decision with its trace",
        _columns(rules),
        lambda row: decision.evaluate(row, {"trace": True}),
        lambda said: tuple(said["result"][f"c{place}"] for place in range(len(truths))),
        SLOW,
    )


def _zen_graph(truths: Sequence[str]) -> object:
    listed = [
        {"id": f"c{place}", "key": f"c{place}", "value": each} for place, each in enumerate(truths)
    ]
    kinds = {"in": "inputNode", "criteria": "expressionNode", "out": "outputNode"}
    nodes = [
        {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0}, "content": {}}
        for name, kind in kinds.items()
    ]
    nodes[1]["content"] = {"expressions": listed}
    edges = [
        {"id": f"{one}-{other}", "sourceId": one, "targetId": other, "type": "edge"}
        for one, other in pairwise(kinds)
    ]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def _cel(module: Module, rules: Ruleset, as_of: dt.date) -> Iterator[Peer]:
    program = module.compile(f"[{', '.join(_texts(rules, as_of, 'cel'))}]")
    yield Peer("CEL in Rust, one program", _columns(rules), program.execute)


def _rule_engine(module: Module, rules: Ruleset, as_of: dt.date) -> Iterator[Peer]:
    rule = module.Rule(f"[{', '.join(_texts(rules, as_of, 'rule_engine'))}]")
    yield Peer("rule-engine, one rule", _columns(rules), rule.evaluate, rows=SLOW)


def _json_logic_python(module: Module, rules: Ruleset, as_of: dt.date) -> Iterator[Peer]:
    rule = {"merge": _json_logic(rules, as_of)}
    yield Peer(
        "json-logic in Python",
        _known_only(rules),
        lambda row: module.jsonLogic(rule, row),
        rows=SLOW,
    )


def _json_logic(rules: Ruleset, as_of: dt.date) -> list[object]:
    language = JsonLogic(rules, as_of)
    asked = [
        (plane(each.condition, language, holds=True), plane(each.condition, language, holds=False))
        for each in rules.criteria
    ]
    return [{"if": [sure, TRUE, sure_not, FALSE, UNKNOWN]} for sure, sure_not in asked]


def _texts(rules: Ruleset, as_of: dt.date, name: str) -> list[str]:
    language = Infix(rules, as_of, WORDS[name])
    asked = [
        (plane(each.condition, language, holds=True), plane(each.condition, language, holds=False))
        for each in rules.criteria
    ]
    return [f"({sure} ? {TRUE} : ({sure_not} ? {FALSE} : {UNKNOWN}))" for sure, sure_not in asked]


def _columns(rules: Ruleset) -> Callable[[Row], dict[str, object]]:
    """A row with only the columns that criteria read, sets as lists."""
    tests = [test for each in rules.criteria for test in tests_in(each.condition)]
    dates = {test.item for test in tests if isinstance(test, Within)}
    read = {test.item for test in tests} - dates
    read |= {key(each) for each in dates for key in (first_key, last_key)}
    return lambda row: {key: _listed(value) for key, value in row.items() if key in read}


def _known_only(rules: Ruleset) -> Callable[[Row], dict[str, object]]:
    """The same without what is unknown."""
    columns = _columns(rules)
    return lambda row: {key: each for key, each in columns(row).items() if each is not None}


def _listed(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


_ENGINES: Mapping[str, Callable[[Module, Ruleset, dt.date], Iterator[Peer]]] = {
    "datalogic_py": _datalogic,
    "zen": _zen,
    "cel": _cel,
    "json_logic": _json_logic_python,
    "rule_engine": _rule_engine,
}
"""By the module that is imported."""
