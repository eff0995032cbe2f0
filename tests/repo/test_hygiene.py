"""What is committed names no machine, no registry and no third party's files."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Put together here, so that this file does not name them.
REGISTRIES = [
    *(".".join(name) for name in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))),
    *(f"{name}.debian.org" for name in ("deb", "security", "ftp", "packages")),
]
MACHINE = re.compile(r"(?<![\w.~-])/(?:home/\w|Users/\w|root/|work/)")
THIRD_PARTY = re.compile(
    r"(^|/)(node_modules|vendor|\.venv)/|\.min\.(js|css)$|\.(woff2?|ttf|jar|whl)$"
)
PYTHON_LOCKS = sorted(ROOT.glob("requirements/*.txt"))
NPM_LOCKS = [
    ROOT / "screening/web/frontend/package-lock.json",
    ROOT / "tests/node/package-lock.json",
    ROOT / "tests/node/lighthouse/package-lock.json",
]


def tracked() -> list[str]:
    """The committed and staged files that are still there, by their path in the checkout."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


def lines() -> Iterator[tuple[str, str]]:
    """Every line of every committed text, with its place."""
    for name in tracked():
        text = (ROOT / name).read_bytes().decode("utf-8", errors="replace")
        yield from ((f"{name}:{n}", line) for n, line in enumerate(text.splitlines(), start=1))


def named_registries(line: str) -> list[str]:
    return [host for host in REGISTRIES if host in line]


def test_no_file_names_a_registry() -> None:
    assert [place for place, line in lines() if named_registries(line)] == []


def test_no_file_names_a_folder_of_a_machine() -> None:
    assert [place for place, line in lines() if MACHINE.search(line)] == []


def test_a_registry_and_a_folder_would_be_seen() -> None:
    assert named_registries(f"see https://{REGISTRIES[0]}/project")
    assert MACHINE.search("open('/" + "home/ann/x')")
    assert MACHINE.search("cd /" + "work/main")
    assert not MACHINE.search("/worklist/new")


def test_third_party_files_are_not_committed() -> None:
    assert [name for name in tracked() if THIRD_PARTY.search(name)] == []
    assert THIRD_PARTY.search("screening/web/static/vendor/a.css")


@pytest.mark.parametrize("lock", [*PYTHON_LOCKS, *NPM_LOCKS], ids=lambda path: path.name)
def test_a_lock_file_holds_no_address(lock: Path) -> None:
    assert "://" not in lock.read_text("utf-8")


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.name)
def test_every_python_package_is_pinned_and_hashed(lock: Path) -> None:
    entries = lock.read_text("utf-8").replace("\\\n", " ").splitlines()
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert packages
    assert [p for p in packages if not re.search(r"==\S+ .*--hash=sha256:[0-9a-f]{64}", p)] == []


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda path: path.parent.name)
def test_every_npm_package_is_pinned_and_hashed(lock: Path) -> None:
    entries = json.loads(lock.read_text("utf-8"))["packages"]
    packages = {name: entry for name, entry in entries.items() if name}
    assert packages
    assert [
        n for n, entry in packages.items() if not entry["integrity"].startswith("sha512-")
    ] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_every_module_says_what_it_is() -> None:
    modules = [name for name in tracked() if re.match(r"screening/.*\.py$", name)]
    assert modules
    trees = {name: ast.parse((ROOT / name).read_text("utf-8")) for name in modules}
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == []
