"""Messages of a YAML parser, in words for somebody who writes rules."""

from collections.abc import Sequence

import yaml

from screening.formats.yaml.slips import Slip, find_missing_space, find_wide_sign

_INDENT = "check how far the line is indented"
_QUOTES = "put a text with `: ` or `, ` in it in quotes"
_WORDS = (
    # a part of the parser's message, what is wrong, what to do
    ("mapping values are not", "this `:` is out of place", f"{_QUOTES}, or {_INDENT}"),
    ("sequence entries are not", "this `-` is out of place", "start the list in a line of its own"),
    ("cannot start any token", "nothing can start with this character", "put the text in quotes"),
    ("expected key", "this is not part of the text above", f"{_INDENT}, and the quotes before"),
    ("expected '-'", "this is not part of the list above", f"start with `- `, or {_INDENT}"),
    ("expected ':'", "a `:` is missing after a name", "write `name: value`"),
    ("or '}'", "a `,` or a `}` is missing", _QUOTES),
    ("or ']'", "a `,` or a `]` is missing", _QUOTES),
    ("node content", "a value is missing", "close every bracket, and put signs in quotes"),
    ("end of stream", "these quotes are not closed", "close them where the text ends"),
    ("document indicator", "these quotes are not closed", "close them where the text ends"),
    ("escape character", "`\\` has a meaning of its own in double quotes", "use single quotes"),
)


def words_of_error(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> Slip:
    """The meaning of a parser's error, at the place of its cause."""
    said, began = error.problem or "", error.context_mark
    if said.endswith(("end of stream", "document indicator", "expected ':'")):
        mark = began or error.problem_mark  # where quotes or a name begin, not where it is noticed
    else:
        mark = error.problem_mark or began
    line, column = (mark.line, mark.column) if mark else (0, 0)
    slip = _slip_in(lines[line] if line < len(lines) else "", line + 1, column)
    if slip:
        return slip
    message, hint = _words(said, lines[line:][:1], column)
    if began and began.line < line and "or '" in said:
        hint += f"; the bracket opens in line {began.line + 1}"
    return Slip(line + 1, column + 1, "not-yaml", message, hint)


def _slip_in(line: str, number: int, column: int) -> Slip | None:
    return find_missing_space(line, number, column) or find_wide_sign(line, number)


def _words(said: str, line: Sequence[str], column: int) -> tuple[str, str]:
    if line and line[0][column : column + 1] == "\t":
        return "there is a tab here", "indent with spaces"
    for part, message, hint in _WORDS:
        if part in said:
            return message, hint
    return f"this is not YAML: {said}", ""
