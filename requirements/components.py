"""The components of the product, with version and hashes, by what the lock files pin."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / "requirements" / "run.txt"
FRONTEND = ROOT / "screening" / "web" / "frontend" / "package-lock.json"
PINNED = re.compile(r"([\w.-]+)==([^\s;]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Component(NamedTuple):
    """A library: ``kind`` is ``pypi`` or ``npm``, ``hashes`` are pairs of algorithm and hex."""

    kind: str
    name: str
    version: str
    hashes: tuple[tuple[str, str], ...]

    @property
    def purl(self) -> str:
        """Its name for programs, as package-url has it."""
        return f"pkg:{self.kind}/{self.name.replace('@', '%40')}@{self.version}"


def read_components() -> list[Component]:
    """Every component that an installation can have, whatever the machine."""
    return [*_python(PYTHON.read_text("utf-8")), *_npm(json.loads(FRONTEND.read_text("utf-8")))]


def _python(text: str) -> Iterator[Component]:
    for entry in re.split(r"\n(?=\S)", text):
        if found := PINNED.match(entry):
            hashes = tuple(("SHA-256", each) for each in HASH.findall(entry))
            yield Component("pypi", found[1].lower().replace("_", "-"), found[2], hashes)


def _npm(lock: dict[str, dict[str, dict[str, str]]]) -> Iterator[Component]:
    for path, entry in lock["packages"].items():
        if path:
            kind, _, coded = entry["integrity"].partition("-")
            content = base64.b64decode(coded).hex()
            name = path.rpartition("node_modules/")[2]
            yield Component(
                "npm", name, entry["version"], ((kind.replace("sha", "SHA-"), content),)
            )
