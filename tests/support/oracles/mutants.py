"""Copies of one definition of a module with one place changed, to see whether tests notice."""

import ast
import copy
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType

import pytest

Change = Callable[[ast.AST], Iterator[ast.expr]]
"""What may stand in the place of a part of the code, if anything."""


@dataclass(frozen=True)
class Mutant:
    """A definition of a module, changed at one place."""

    module: ModuleType
    owner: str
    name: str
    line: int
    what: str
    code: CodeType

    def __str__(self) -> str:
        """Where the change is, and what."""
        return f"{self.module.__name__.rpartition('.')[2]}.py:{self.line} {self.what}"

    def apply(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put the changed definition in the place of the original, wherever that is known."""
        made: dict[str, object] = {}
        exec(self.code, vars(self.module), made)  # noqa: S102 - our own code, one place changed
        if self.owner:
            monkeypatch.setattr(getattr(self.module, self.owner), self.name, made[self.name])
        else:
            replace_everywhere(monkeypatch, getattr(self.module, self.name), made[self.name])


def replace_everywhere(monkeypatch: pytest.MonkeyPatch, original: object, new: object) -> None:
    """Replace a function in every module that has it under any name."""
    for module in [each for each in sys.modules.values() if isinstance(each, ModuleType)]:
        if module.__name__.startswith("screening.") or module.__name__ in ("laws", "strategies"):
            for name, value in list(vars(module).items()):
                if value is original:
                    monkeypatch.setattr(module, name, new)


def mutants(module: ModuleType, change: Change) -> Iterator[Mutant]:
    """Every mutant of a module that a kind of change makes."""
    assert module.__file__
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    for owner, name, definition in _definitions(tree):
        for position, node in enumerate(ast.walk(definition)):
            for replacement in change(node):
                changed = _replaced(definition, position, replacement)
                body = ast.fix_missing_locations(ast.Module(body=[changed], type_ignores=[]))
                what = f"{ast.unparse(node)} -> {ast.unparse(replacement)}"
                code = compile(body, module.__file__, "exec")
                yield Mutant(module, owner, name, getattr(node, "lineno", 0), what, code)


def _definitions(tree: ast.Module) -> Iterator[tuple[str, str, ast.stmt]]:
    """The functions, methods and tables of a module, with the class and the name of each."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield "", node.name, node
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            yield "", ast.unparse(node.targets[0]), node
        elif isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            yield from ((node.name, method.name, method) for method in methods)


def _replaced(definition: ast.stmt, position: int, replacement: ast.expr) -> ast.stmt:
    changed = copy.deepcopy(definition)
    target = list(ast.walk(changed))[position]

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            new = copy.deepcopy(replacement)
            return ast.copy_location(new, node) if node is target else self.generic_visit(node)

    visited = Replace().visit(changed)
    assert isinstance(visited, ast.stmt)
    return visited
