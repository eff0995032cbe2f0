"""The code has none of what turns data into code, and none of the weak parts of cryptography."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "screening"
MODULES = {
    *("pickle", "marshal", "shelve", "dill", "subprocess", "pty", "ctypes", "code", "runpy"),
    *("xml", "lxml", "ldap", "smtplib", "imaplib", "memcache", "telnetlib", "ftplib"),
}
"""What runs or reads more than data, and services that the product does not speak to."""
NAMES = {"eval", "exec", "compile", "__import__"}
MEMBERS = {
    ("os", "system"), ("os", "popen"), ("os", "execv"), ("yaml", "load"), ("yaml", "unsafe_load"),
    ("hashlib", "md5"), ("hashlib", "sha1"), ("random", "random"), ("random", "choice"),
    ("random", "randint"), ("random", "Random"), ("uuid", "uuid1"), ("modes", "ECB"),
    ("modes", "CBC"), ("modes", "CTR"), ("ssl", "_create_unverified_context"),
}  # fmt: skip
OWN = {"screening/__init__.py"}
SCRIPTS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser"
    r"|createContextualFragment|postMessage|srcdoc|document\.cookie|indexedDB"
    r"|sessionStorage(?!\.(?:getItem|setItem|removeItem)\()"
)
KEPT = re.compile(r"(?:local|session)Storage\.setItem\((.*?)\)")
TEMPLATES = re.compile(r"\|\s*safe\b|autoescape|\bMarkup\b|<script(?! type| src)|\son[a-z]+=\"")


ALLOWED = {
    "screening/cli/service/signing.py": ["subprocess"],  # starts our own program, without a shell
    "screening/core/compiled/straight.py": [
        "compile",
        "exec",
    ],  # a source of our own numbers and names, and no text of a rule file
    "screening/records/sealing/key_command.py": [
        "subprocess"
    ],  # the operator's own, without a shell
    "screening/web/shell/pdf.py": ["subprocess"],  # starts our own program, without a shell
}
"""By module, with the reason beside it."""


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if "frontend" not in path.parts:  # scripts of the set-up
            name = path.relative_to(ROOT).as_posix()
            yield name, ast.parse(path.read_text("utf-8"))


def dangerous(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (n.name for n in names if n.name.partition(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in MODULES:
                yield module
            case ast.Call(func=ast.Name(id=name)) if name in NAMES:
                yield name
            case ast.Attribute(value=ast.Name(id=owner), attr=attr) if (owner, attr) in MEMBERS:
                yield f"{owner}.{attr}"
            case ast.keyword(arg="verify" | "shell", value=ast.Constant(value=bool())):
                yield str(node.arg)


def test_no_code_turns_data_into_code_or_is_weak() -> None:
    found = {name: sorted(set(dangerous(tree))) for name, tree in sources()}
    assert len(found) > 200
    assert {name: each for name, each in found.items() if each} == ALLOWED


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from xml.etree import ElementTree",
        "eval(x)",
        "yaml.load(x)",
        "hashlib.md5(x)",
        "run(x, shell=True)",
        "get(x, verify=False)",
    ],
)
def test_such_code_is_seen(line: str) -> None:
    assert list(dangerous(ast.parse(line)))


def test_no_script_makes_markup_of_text_or_keeps_what_was_typed() -> None:
    for path in sorted((PACKAGE / "web" / "static").glob("*.js")):
        script = path.read_text("utf-8")
        assert SCRIPTS.findall(script) == [], path.name
        assert set(KEPT.findall(script)) <= {'SETTING, on ? "on" : "off"', "LEFT, times"}, path.name


def test_no_template_lets_text_through_as_markup() -> None:
    found = {
        path.name: TEMPLATES.findall(path.read_text("utf-8"))
        for path in sorted((ROOT / "templates").rglob("*.html"))
    }
    assert len(found) > 50
    assert {name: each for name, each in found.items() if each} == {}
