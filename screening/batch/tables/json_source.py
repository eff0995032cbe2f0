"""Tables of lines of JSON."""

import codecs
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from screening.batch.tables.layout import AS_OF, ColumnsError, Layout
from screening.batch.tables.slices import NO_TEXT, Broken, Slice, is_text
from screening.core.rules.ruleset import Ruleset
from screening.formats.documents.strict_json import quote_value

_MOST_NAMES = 5
_LONGEST_LINE = 1024 * 1024


class JsonSource:
    """Lines of JSON, each an object whose names are columns; rows are counted as lines."""

    sparse, mark, separator = True, b"", ","

    def __init__(self, path: Path) -> None:
        """Read the first line, and look for a screening date in the others."""
        self._path = path
        with path.open("rb") as file:
            row = _read_line(next((line for line in file if line.strip()), b""))
            if isinstance(row, str):
                raise ColumnsError([f"the first line cannot be read: {row}"])
            dated = AS_OF not in row and any(map(_has_screening_date, file))
        self.names = (*row, AS_OF) if dated else tuple(row)

    def check(self, layout: Layout, ruleset: Ruleset) -> None:
        """The type of each value is looked at where it is read."""

    def slices(self, layout: Layout, size: int, done: int) -> Iterator[tuple[Slice, float]]:
        """See ``Source``."""
        with self._path.open("rb") as file:
            lines, whole = enumerate(file, start=1), max(1, self._path.stat().st_size)
            for _ in islice(lines, done * size):
                pass
            seen = 0
            while chunk := list(islice(lines, size)):
                seen += sum(len(line) for _, line in chunk)
                yield _slice_of_lines(layout, chunk), min(1.0, seen / whole)


def _slice_of_lines(layout: Layout, chunk: list[tuple[int, bytes]]) -> Slice:
    broken: list[Broken] = []
    numbers: list[int] = []
    rows: list[dict[str, Any]] = []
    known = frozenset((*layout.read, *layout.kept))
    for number, line in chunk:
        row = _read_line(line) if line.strip() else None
        if isinstance(row, str):
            broken.append(Broken(number, row))
        elif row is not None and not row.keys() <= known:
            problem = _unknown_names(sorted(row.keys() - known))
            broken.append(Broken(number, problem, cells=row))
        elif row is not None:
            numbers.append(number)
            rows.append(row)
    return Slice(
        numbers=np.array(numbers, dtype=np.int64),
        cells={name: [row.get(name) for row in rows] for name in layout.read},
        kept={name: [row.get(name) for row in rows] for name in layout.kept},
        broken=broken,
    )


def _has_screening_date(line: bytes) -> bool:
    """True if a line has a screening date; most are told by their bytes, which takes no time."""
    row = _read_line(line) if b'"as_of"' in line else None
    return isinstance(row, dict) and AS_OF in row


def _unknown_names(names: list[str]) -> str:
    listed = ", ".join(map(quote_value, names[:_MOST_NAMES]))
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"no question is called {listed}{more}; columns of your own must be in the first line"


def _read_line(line: bytes) -> dict[str, Any] | str:
    """The object in a line, or what is wrong with the line."""
    if len(line) > _LONGEST_LINE:
        return f"the line has more than {_LONGEST_LINE:,} bytes"
    try:
        text = line.removeprefix(codecs.BOM_UTF8).decode("utf-8")
        row = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        return f"this is not JSON: {error.msg}, at character {error.colno}"
    except UnicodeDecodeError:
        return NO_TEXT
    except (ValueError, RecursionError):
        return "a name occurs twice, a number cannot be read, or objects are nested too deeply"
    if not isinstance(row, dict):
        return "an object of columns with their values is expected"
    sound = "\\ud" not in text.lower() or is_text(json.dumps(row, ensure_ascii=False))
    return row if sound else NO_TEXT


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
