"""The block `patient_path` of a question file, and conditions that only show questions."""

from dataclasses import dataclass
from typing import Any

from screening.core.rules.condition import Condition, add_ask_if
from screening.core.rules.item import Item, ItemType
from screening.core.rules.patient_path import REPORT, SECTION, PatientPath
from screening.formats.rules.conditions import Items, read_condition
from screening.formats.yaml.cursor import Cursor
from screening.formats.yaml.hints import near

_COUNTABLE = (ItemType.YES_NO, ItemType.CHOICE)
_REPORT_FIELDS = ("name", "ask", "help", "why", "ask_if")


def read_shown_if(cursor: Cursor, items: Items) -> Condition | None:
    """Read a condition for showing a question, by the answers to the items that are known."""
    shown = read_condition(cursor, items)
    gates = {each.link_id: each.ask_if for each in items.values() if each.ask_if}
    return add_ask_if(shown, gates) if shown else None


@dataclass(frozen=True, slots=True)
class PatientPathReader:
    """Reads the block against all items; what it hides from patients is kept to be checked."""

    items: Items
    unasked: dict[str, Cursor]

    def read(self, cursor: Cursor) -> PatientPath | None:
        """The way of patients, if it could be read; the problems are with the cursor."""
        fields = cursor.fields(("title", "first", "report"), ("with_report",))
        title = fields["title"].wording() if "title" in fields else None
        first = self._read_first(fields["first"]) if "first" in fields else None
        report = self._read_report(fields["report"]) if "report" in fields else None
        waiting = fields["with_report"].parts() if "with_report" in fields else []
        with_report = {each.word: each for each in waiting if self._read_item_id(each)}
        for link_id, part in with_report.items():
            self.unasked.setdefault(link_id, part)
        if title is None or first is None or report is None:
            return None
        return PatientPath(
            title=title,
            first=first,
            report=report,
            with_report=frozenset(with_report),
        )

    def _read_first(self, cursor: Cursor) -> str | None:
        link_id = self._read_item_id(cursor)
        item = self.items.get(link_id) if link_id else None
        if item is not None and item.type not in _COUNTABLE:
            message = f"`{link_id}` has no answers to choose from, so it cannot come first"
            cursor.report("unfit-field", message, "name a question of the type yes_no or choice")
            return None
        return link_id

    def _read_item_id(self, cursor: Cursor) -> str | None:
        word = cursor.id()
        if word is None or word in self.items:
            return word
        if word not in self.items.unreadable:
            cursor.report("unknown-item", f"unknown question `{word}`", near(word, self.items))
        return None

    def _read_report(self, cursor: Cursor) -> Item | None:
        fields = cursor.fields(_REPORT_FIELDS)
        parts: dict[str, Any] = {
            name: fields[name].wording() for name in ("ask", "help", "why") if name in fields
        }
        parts["name"] = fields["name"].sentence() if "name" in fields else None
        parts["ask_if"] = (
            read_shown_if(fields["ask_if"], self.items) if "ask_if" in fields else None
        )
        if any(parts.get(name) is None for name in _REPORT_FIELDS):
            return None
        return Item(link_id=REPORT, type=ItemType.YES_NO, section=SECTION, **parts)
