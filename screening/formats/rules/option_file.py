"""The options of a rule file, and who wrote its sources: the same rows for each."""

from collections.abc import Callable, Collection

from screening.core.rules.option import OPTION_ROWS, WRITER_ROWS, Option, Statement, Writer
from screening.core.values.citation import Citation
from screening.formats.yaml.cursor import Cursor
from screening.formats.yaml.hints import near

SILENT = "silent"
"""The word of a row on which the sources say nothing."""

_OWN = ("left_out", "ask")
"""The rows of our own words, which need no passage and are never silent."""

Citations = Callable[[Cursor], tuple[Citation, ...]]
Rows = dict[str, tuple[Statement, ...]]


def read_option(key: Cursor, value: Cursor, ruleset: str, cite: Citations) -> Option | None:
    """Read an option; None where something is wrong, which is reported."""
    fields = value.fields(("name", *OPTION_ROWS))
    option_id, name = key.id(), fields["name"].wording() if "name" in fields else None
    rows = _read_rows(fields, OPTION_ROWS, cite)
    if option_id and name and rows:
        return Option(id=option_id, ruleset=ruleset, name=name, **rows)
    return None


def read_writer(
    key: Cursor, value: Cursor, sources: Collection[str], cite: Citations
) -> Writer | None:
    """Read who wrote a source; None where something is wrong, which is reported."""
    fields = value.fields(("name", *WRITER_ROWS))
    name = fields["name"].wording() if "name" in fields else None
    rows = _read_rows(fields, WRITER_ROWS, cite)
    if key.word not in sources:
        message = f"unknown source `{key.word}`"
        key.report("unknown-source", message, near(key.word, list(sources)))
    elif name and rows:
        return Writer(id=key.word, name=name, **rows)
    return None


def _read_rows(fields: dict[str, Cursor], names: tuple[str, ...], cite: Citations) -> Rows | None:
    read = {name: _read_row(name, fields[name], cite) for name in names if name in fields}
    rows = {name: row for name, row in read.items() if row is not None}
    return rows if len(rows) == len(names) else None


def _read_row(name: str, cursor: Cursor, cite: Citations) -> tuple[Statement, ...] | None:
    if cursor.is_text and name not in _OWN:
        return _read_silence(cursor)
    parts = cursor.parts()
    if cursor.is_list and not parts:
        hint = "add a statement" if name in _OWN else f"add a statement, or write `{SILENT}`"
        cursor.report("empty-row", f"`{name}` has no statement", hint)
    read = [_read_statement(each, cite, own=name in _OWN) for each in parts]
    return tuple(each for each in read if each) if read and all(read) else None


def _read_silence(cursor: Cursor) -> tuple[Statement, ...] | None:
    if cursor.text() == SILENT:
        return ()
    message = f"`{cursor.word}` is neither statements nor `{SILENT}`"
    cursor.report("not-one-of", message, f"a list of statements, or `{SILENT}`")
    return None


def _read_statement(cursor: Cursor, cite: Citations, *, own: bool) -> Statement | None:
    if own and (cursor.is_text or "say" not in set(cursor.keys())):
        say = cursor.wording()
        return Statement(say=say) if say else None
    fields = cursor.fields(("say", "cite"))
    say = fields["say"].wording() if "say" in fields else None
    citations = cite(fields["cite"]) if "cite" in fields else ()
    return Statement(say=say, citations=citations) if say and citations else None
