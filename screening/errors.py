"""The family of errors, in sentences for the person who can put them right."""

from collections.abc import Iterable
from typing import NamedTuple
from unicodedata import category, combining, east_asian_width

from screening.translation import gettext, mark


class Place(NamedTuple):
    """The place of a problem: a document, and there a line and column (from 1) or a JSON path."""

    source: str
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        """``file:line:column``, or ``file: path``."""
        if self.line:
            return f"{self.source}:{self.line}:{self.column}"
        return f"{self.source}: {self.path}" if self.path else self.source


class Problem(NamedTuple):
    """One mistake in a document: what is wrong, where, and what was expected.

    ``code`` is stable. ``excerpt`` is its line, if there is one.
    """

    code: str
    message: str
    place: Place
    hint: str = ""
    excerpt: str = ""

    def __str__(self) -> str:
        """The problem as it is printed: place, message and code, the line with a caret, a hint."""
        lines = [f"{self.place}: {self.message} [{self.code}]"]
        if self.excerpt:
            before = self.excerpt[: self.place.column - 1]
            lines += [f"    | {self.excerpt}", f"    | {_blank(before)}^"]
        if self.hint:
            lines.append(f"    = {self.hint}")
        return "\n".join(lines)


def _blank(text: str) -> str:
    """White space as wide as a text is on a terminal: tabs stay, wide characters take two."""
    return "".join("\t" if each == "\t" else " " * _width(each) for each in text)


def _width(character: str) -> int:
    if combining(character) or category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


class ScreeningError(Exception):
    """The family of errors that this package raises on purpose.

    It holds a message and its facts, which become a sentence in the language of its reader.
    """

    def __init__(self, message: str = "", /, **facts: object) -> None:
        """Keep a message that ``mark`` marks, and the facts for the places that it names."""
        self._message, self._facts = message, facts
        super().__init__(message.format_map(facts) if facts else message)

    def __str__(self) -> str:
        """The sentence in the reader's language."""
        return gettext(self._message, **self._facts)


class DocumentError(ScreeningError):
    """A document has problems; all of them are listed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems in the order of the document."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class WrongCallError(ScreeningError):
    """A request that can never be done as it was made, so it has to change."""


class MissingFileError(WrongCallError):
    """A file that was asked for is not there or cannot be read."""

    def __init__(self, path: str, reason: str) -> None:
        """Name the file and why it cannot be read."""
        super().__init__(mark("cannot read {path}: {reason}"), path=path, reason=reason)


class UnwrittenError(ScreeningError):
    """The disk refuses a file or folder that was asked for."""

    def __init__(self, path: str, reason: str, *, resume: bool) -> None:
        """Name the file or folder, the reason, and what to do: a run that began can be resumed."""
        again = mark(
            "cannot write {path}: {reason}. Put this right, then run the same command again with"
            " --resume"
        )
        other = mark(
            "cannot write {path}: {reason}. Put this right, or choose another folder for OUT"
        )
        super().__init__(again if resume else other, path=path, reason=reason)


class UnknownRulesetError(WrongCallError):
    """No rule file has the name that was asked for."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        """Name what was asked for, and what there is."""
        message = mark("there is no ruleset “{name}”. Use one of: {known}")
        super().__init__(message, name=name, known=", ".join(known))


class EarlyDayError(ScreeningError):
    """A screening date is before all days that are reckoned with."""

    def __init__(self, earliest: str) -> None:
        """Name the earliest day."""
        message = mark("the screening date is before {day}, the earliest possible date")
        super().__init__(message, day=earliest)


class EvaluationError(ScreeningError):
    """The two evaluators come to different findings, so that neither can be trusted."""

    def __init__(self, criteria: str) -> None:
        """Name the criteria whose truths differ, if any does."""
        message = mark(
            "two evaluations of the same answers disagree ({criteria}): do not use any result of"
            " these rules, and report this to the people who maintain this program"
        )
        super().__init__(message, criteria=criteria)


class NoOutcomesError(WrongCallError):
    """A part of a ruleset, made to be included, was asked for an assessment."""

    def __init__(self, name: str) -> None:
        """Name the part."""
        message = mark(
            "“{name}” declares no outcomes: it is a part for other rule files to include,"
            " so choose one of those"
        )
        super().__init__(message, name=name)


class MissingExtraError(WrongCallError):
    """A command needs packages that are installed only on request."""

    def __init__(self, extra: str, packages: str) -> None:
        """Name the packages, and the extra and the target of make that bring them."""
        message = mark(
            "this needs {packages}, which are not installed: run `make {extra}` in the folder of"
            " this program, or install its wheel with the extra “{extra}”"
        )
        super().__init__(message, packages=packages, extra=extra)
