"""A cursor over nodes: typed reads that report what is wrong and go on.

Each read returns None where it reports a problem, so that one pass finds every mistake of a file.
"""

import datetime as dt
import re
from collections.abc import Collection
from enum import Enum
from typing import TypeVar

from screening.core.values.wording import Wording
from screening.errors import Problem
from screening.formats.answers.days import day_of
from screening.formats.yaml.hints import did_you_mean, near
from screening.formats.yaml.reader import Listing, Mark, Node, Reporter, Table, Text

Member = TypeVar("Member", bound=Enum)

_ID = re.compile(r"[a-z][a-z0-9_-]*")
_VERSION = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", re.ASCII)


class Cursor:
    """One node of a document, and the reporter for its problems."""

    def __init__(self, node: Node, reporter: Reporter, name: str = "") -> None:
        """Stand on a node; ``name`` is the key that it belongs to."""
        self.node = node
        self.name = name
        self._reporter = reporter

    @property
    def mark(self) -> Mark:
        """The place of the node."""
        return self.node.mark

    @property
    def source(self) -> str:
        """The name of the document."""
        return self._reporter.source

    @property
    def problems(self) -> list[Problem]:
        """All problems of the document so far."""
        return self._reporter.problems

    def report(self, code: str, message: str, hint: str = "") -> None:
        """Report a problem at this node."""
        self._reporter.report(self.mark, code, message, hint)

    def problem(self, code: str, message: str, hint: str = "") -> Problem:
        """A problem at this node, without reporting it."""
        return self._reporter.problem(self.mark, code, message, hint)

    def entries(self) -> list[tuple["Cursor", "Cursor"]]:
        """The keys and values of a mapping; none, and a problem, if it is not one."""
        if not isinstance(self.node, Table):
            self.report("wrong-shape", "a mapping (`name: value`) is expected here")
            return []
        return [(self._at(key), self._at(value, key.text)) for key, value in self.node.entries]

    def keys(self) -> list[str]:
        """The keys of a mapping, as typed."""
        return [key.text for key, _ in self.node.entries] if isinstance(self.node, Table) else []

    def parts(self) -> list["Cursor"]:
        """The elements of a list; none, and a problem, if it is not one."""
        if not isinstance(self.node, Listing):
            self.report("wrong-shape", "a list (`[…]`, or lines with `- `) is expected here")
            return []
        return [self._at(part) for part in self.node.parts]

    def fields(
        self, required: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, "Cursor"]:
        """The fields of a mapping, with unknown and missing ones reported."""
        known = [*required, *optional]
        found: dict[str, Cursor] = {}
        misspelt: set[str] = set()
        for key, value in self.entries():
            if key.word in known:
                found[key.word] = value
            else:
                hint = near(key.word, known)
                key.report("unknown-field", f"unknown field `{key.word}`", hint)
                misspelt.add(hint)
        if isinstance(self.node, Table):
            for name in required:
                if name not in found and did_you_mean(name) not in misspelt:
                    self.report_missing(name)
        return found

    def report_missing(self, field: str, hint: str = "") -> None:
        """Report that a field of this mapping is missing."""
        where = f" from `{self.name}`" if self.name else ""
        self.report("missing-field", f"the field `{field}` is missing{where}", hint)

    @property
    def is_text(self) -> bool:
        """True if the node is a scalar."""
        return isinstance(self.node, Text)

    @property
    def is_table(self) -> bool:
        """True if the node is a mapping."""
        return isinstance(self.node, Table)

    @property
    def is_list(self) -> bool:
        """True if the node is a sequence."""
        return isinstance(self.node, Listing)

    @property
    def word(self) -> str:
        """The scalar as typed; empty if the node is not one."""
        return self.node.text if isinstance(self.node, Text) else ""

    def text(self) -> str | None:
        """A text that is not empty, with line breaks folded to spaces."""
        if not isinstance(self.node, Text):
            self.report("wrong-shape", "a text is expected here")
            return None
        folded = " ".join(self.node.text.split())
        if not folded:
            self.report("empty-text", "the text is empty")
            return None
        return folded

    def id(self) -> str | None:
        """An identifier; spaces around it, which only quotes can give it, are not taken away."""
        word = self.word
        if self.text() is not None and not _ID.fullmatch(word):
            hint = "small letters, digits, `_` and `-`, a letter first"
            self.report("not-an-id", f"`{word}` is not an identifier", hint)
            return None
        return word or None

    def version(self) -> str | None:
        """A version in three numbers."""
        word = self.text()
        if word is not None and not _VERSION.fullmatch(word):
            self.report("not-a-version", f"`{word}` is not a version", "write it as `1.0.0`")
            return None
        return word

    def member(self, kind: type[Member]) -> Member | None:
        """A member of an enumeration, by its value."""
        word = self.text()
        if word is None:
            return None
        known = {str(each.value): each for each in kind}
        if word not in known:
            self.report("not-one-of", f"`{word}` is not possible here", near(word, known))
        return known.get(word)

    def date(self) -> dt.date | None:
        """A day, as 2026-11-20."""
        word = self.text()
        if word is None:
            return None
        try:
            return day_of(word)
        except ValueError:
            self.report("not-a-date", f"`{word}` is not a day", "write it as `2026-11-20`")
            return None

    def whole_number(self) -> int | None:
        """A whole number in plain digits."""
        word = self.text()
        if word is not None and not re.fullmatch(r"-?(0|[1-9][0-9]{0,8})", word):
            self.report(
                "not-a-number", f"`{word}` is not a whole number", "write it in digits, as `12`"
            )
            return None
        return None if word is None else int(word)

    def yes(self) -> bool | None:
        """Yes or no."""
        word = self.text()
        if word not in ("yes", "no", None):
            self.report("not-yes-no", f"`{word}` is not possible here", "write `yes` or `no`")
        return {"yes": True, "no": False}.get(word or "")

    def wording(self) -> Wording | None:
        """One text for both audiences, or one for each."""
        if self.is_text:
            both = self.sentence()
            return Wording(nurse=both, patient=both) if both else None
        fields = self.fields(("nurse", "patient"))
        texts = {name: cursor.sentence() for name, cursor in fields.items()}
        nurse, patient = texts.get("nurse"), texts.get("patient")
        return Wording(nurse=nurse, patient=patient) if nurse and patient else None

    def patient_words(self) -> str | None:
        """A text for the patient alone."""
        fields = self.fields(("patient",))
        return fields["patient"].sentence() if "patient" in fields else None

    def sentence(self) -> str | None:
        """A text with at least one letter or digit in it."""
        text = self.text()
        if text is not None and not any(character.isalnum() for character in text):
            self.report("empty-text", f"`{text}` has no word in it", "write what is to be said")
            return None
        return text

    def _at(self, node: Node, name: str = "") -> "Cursor":
        return Cursor(node, self._reporter, name)
