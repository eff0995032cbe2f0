"""What a YAML parser says, in words for somebody who writes rules."""

import yaml

_INDENT = "check how far the line is indented"
_QUOTES = "put a text with `: ` or `, ` in it in quotes"
_WORDS = (
    # a part of the parser's message, what is wrong, what to do
    ("mapping values are not", "this `:` is out of place", f"{_QUOTES}, or {_INDENT}"),
    ("sequence entries are not", "this `-` is out of place", "start the list in a line of its own"),
    ("cannot start any token", "nothing can start with this character", "put the text in quotes"),
    ("expected key", "this is not part of what stands above", f"{_INDENT}, and the quotes before"),
    ("expected '-'", "this is not part of the list above", f"start with `- `, or {_INDENT}"),
    ("expected ':'", "a `:` is missing after a name", "write `name: value`"),
    ("or '}'", "a `,` or a `}` is missing", _QUOTES),
    ("or ']'", "a `,` or a `]` is missing", _QUOTES),
    ("node content", "a value is missing", "close every bracket, and put signs in quotes"),
    ("end of stream", "these quotes are not closed", "close them where the text ends"),
    ("document indicator", "these quotes are not closed", "close them where the text ends"),
    ("escape character", "`\\` has a meaning of its own in double quotes", "use single quotes"),
)


def words_of_error(error: yaml.MarkedYAMLError, text: str) -> tuple[str, str, int, int]:
    """What is wrong, what to do, and the line and column (from 1) of a parser's error."""
    said, began = error.problem or "", error.context_mark
    if said.endswith(("end of stream", "document indicator")):
        mark = began or error.problem_mark  # where the quotes open, not where the file ends
    else:
        mark = error.problem_mark or began
    line, column = (mark.line, mark.column) if mark else (0, 0)
    message, hint = _words(said, text.splitlines()[line:][:1], column)
    if began and began.line < line and "or '" in said:
        hint += f"; the bracket opens in line {began.line + 1}"
    return message, hint, line + 1, column + 1


def _words(said: str, line: list[str], column: int) -> tuple[str, str]:
    if line and line[0][column : column + 1] == "\t":
        return "a tab stands here", "indent with spaces"
    for part, message, hint in _WORDS:
        if part in said:
            return message, hint
    return f"this is not YAML: {said}", ""
