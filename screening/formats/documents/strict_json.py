"""JSON text to data, strictly: what other readers pass over in silence is a problem here.

A name that occurs twice, a number beyond all bounds, a hostile depth or size: each is reported at
its JSON path, and none of them takes long to find.
"""

import json
import math
from collections import Counter
from typing import TypeAlias

from screening.errors import Place, Problem

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_CHARACTERS = 1024 * 1024
MAX_DEPTH = 8
MAX_ENTRIES = 1000
_LONGEST_NUMBER = 18
_WIDEST = 60
_WIDEST_LINE = 400
_BOM = "\ufeff"


class JsonReader:
    """Reads one document and collects its problems, each with its JSON path."""

    def __init__(self, source: str) -> None:
        """Take the name under which problems are reported."""
        self._source = source
        self.problems: list[Problem] = []

    def report(self, path: str, code: str, message: str, hint: str = "") -> None:
        """Add a problem at a path."""
        place = Place(source=self._source, path=path)
        self.problems.append(Problem(code=code, message=message, place=place, hint=hint))

    def parse(self, data: bytes | str) -> Json:
        """The document as data; None, and problems, if there is nothing that can be read on."""
        text = self._decoded(data)
        if text is None:
            return None
        if not text.strip():
            self.report("$", "empty-document", "the document is empty")
            return None
        try:
            value: Json = json.loads(
                text, object_pairs_hook=_Object, parse_int=_whole, parse_constant=float
            )
        except json.JSONDecodeError as error:
            self._report_syntax(error)
            return None
        except RecursionError:
            self._report_depth("$")
            return None
        return value if self._sound(value, "$", 1) else None

    def _decoded(self, data: bytes | str) -> str | None:
        """The text, without a byte order mark, which says nothing about the answers."""
        if len(data) > MAX_CHARACTERS:
            found = f"the document has more than {MAX_CHARACTERS:,} characters"
            self.report("$", "too-large", found, f"at most {MAX_CHARACTERS:,} are read")
            return None
        try:
            text = data if isinstance(data, str) else data.decode("utf-8")
        except UnicodeDecodeError as error:
            found = f"byte {error.start:,} is not UTF-8"
            self.report("$", "not-text", found, "save the document as UTF-8 text")
            return None
        return text.removeprefix(_BOM)

    def _report_syntax(self, error: json.JSONDecodeError) -> None:
        line = error.doc.split("\n")[error.lineno - 1].rstrip("\r")
        place = Place(source=self._source, line=error.lineno, column=error.colno)
        self.problems.append(
            Problem(
                code="not-json",
                message=f"this is not JSON: {error.msg}",
                place=place,
                excerpt=line if len(line) <= _WIDEST_LINE else "",
            )
        )

    def _report_depth(self, path: str) -> None:
        message = f"more than {MAX_DEPTH} levels inside each other"
        self.report(path, "too-deep", message, "answers lie at most 3 levels deep")

    def _sound(self, value: Json, path: str, depth: int) -> bool:
        """True if a value is small enough to be read on; a name given twice is reported."""
        if not isinstance(value, dict | list):
            return True
        if depth > MAX_DEPTH:
            self._report_depth(path)
            return False
        if len(value) > MAX_ENTRIES:
            message = f"{len(value):,} entries in one object or list"
            self.report(path, "too-many", message, f"at most {MAX_ENTRIES:,} are read")
            return False
        if isinstance(value, _Object):
            for name in value.twice:
                self.report(path + path_step(name), "duplicate-key", "this name occurs twice")
        if isinstance(value, list):
            parts = [(f"[{number}]", part) for number, part in enumerate(value)]
        else:
            parts = [(path_step(name), part) for name, part in value.items()]
        sound = [self._sound(part, path + name, depth + 1) for name, part in parts]
        return all(sound)  # after every part has been read, so that all problems are reported


class _Object(dict[str, Json]):
    """An object that remembers which of its names were given more than once."""

    def __init__(self, pairs: list[tuple[str, Json]]) -> None:
        super().__init__(pairs)
        counts = Counter(name for name, _ in pairs)
        self.twice = [name for name, count in counts.items() if count > 1]


def path_step(name: str) -> str:
    """One step of a JSON path; quoted where the name is not a plain word, and never overlong."""
    plain = name.isascii() and name.isidentifier() and len(name) <= _WIDEST
    return f".{name}" if plain else f"[{quote_value(name)}]"


def quote_value(value: Json) -> str:
    """A value as it is quoted in a message: cut short, and with nothing that a terminal obeys."""
    if isinstance(value, float) and math.isinf(value):
        return "a number beyond all bounds"
    text = json.dumps(value, ensure_ascii=False)
    text = text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _whole(digits: str) -> int | float:
    """A whole number; one of many digits as a float, since no item admits it anyway."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else float(digits)
