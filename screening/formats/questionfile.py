"""The question bank: sections and items."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from screening.core.citation import Citation
from screening.core.condition import gated
from screening.core.item import Item, ItemType, Section
from screening.core.wording import Wording
from screening.formats.conditions import read_condition
from screening.formats.cursor import Cursor, near

_REQUIRED = ("type", "section", "name", "ask", "why")
_OPTIONAL = (
    "help", "choices", "unit", "min", "max", "ask_if", "worse", "sensitive", "record_only", "cite",
    "codes",
)  # fmt: skip
_ONLY_FOR = {
    "choices": (ItemType.CHOICE, ItemType.CHOICES),
    "unit": (ItemType.NUMBER,),
    "min": (ItemType.NUMBER,),
    "max": (ItemType.NUMBER,),
}
_NEEDED_FOR = {
    ItemType.CHOICE: ("choices",),
    ItemType.CHOICES: ("choices",),
    ItemType.NUMBER: ("unit", "min", "max"),
}
_WORSE = {
    ItemType.YES_NO: ("yes", "no"),
    ItemType.NUMBER: ("higher", "lower"),
    ItemType.DATE: ("earlier", "later"),
}
_FEWEST_CHOICES = 2


@dataclass(slots=True)
class Bank:
    """What a question file holds, with the cursors to report at."""

    version: str = ""
    sections: dict[str, Section] = field(default_factory=dict[str, Section])
    items: dict[str, Item] = field(default_factory=dict[str, Item])
    cursors: dict[str, Cursor] = field(default_factory=dict[str, Cursor])


ReadCitations = Callable[[Cursor], tuple[Citation, ...]]


def read_bank(root: Cursor, read_citations: ReadCitations) -> Bank:
    """Read a question file.

    Args:
        root: the whole document.
        read_citations: reads a `cite` list against the sources of the rule files.

    Returns:
        What could be read; the problems are with the cursor.
    """
    bank = Bank()
    fields = root.fields(("questions", "version", "sections", "items"))
    if "version" in fields:
        bank.version = fields["version"].text() or ""
    if "sections" in fields:
        for key, value in fields["sections"].entries():
            section_id, title = key.id(), value.wording()
            if section_id and title:
                bank.sections[section_id] = Section(id=section_id, title=title)
    if "items" in fields:
        for key, value in fields["items"].entries():
            _read_into(bank, key, value, read_citations)
    return bank


def _read_into(bank: Bank, key: Cursor, value: Cursor, read_citations: ReadCitations) -> None:
    link_id, fields = key.id(), value.fields(_REQUIRED, _OPTIONAL)
    kind = fields["type"].member(ItemType) if "type" in fields else None
    if link_id is None or kind is None:
        return
    bank.cursors[link_id] = key
    _check_fields(kind, fields, key)
    parts: dict[str, Any] = {
        name: fields[name].wording() for name in ("ask", "why", "help") if name in fields
    }
    parts |= {name: fields[name].text() for name in ("name", "section") if name in fields}
    parts |= _read_details(bank, kind, fields)
    if "cite" in fields:
        parts["citations"] = read_citations(fields["cite"])
    if "section" in fields and parts["section"] not in bank.sections:
        message = f"unknown section `{fields['section'].word}`"
        hint = near(fields["section"].word, bank.sections)
        fields["section"].report("unknown-section", message, hint)
    _check_record_only(fields)
    blank = Wording(nurse="", patient="")
    defaults: dict[str, Any] = {"ask": blank, "why": blank, "name": link_id, "section": ""}
    bank.items[link_id] = Item(
        link_id=link_id,
        type=kind,
        **(defaults | {name: part for name, part in parts.items() if part is not None}),
    )


def _read_details(bank: Bank, kind: ItemType, fields: Mapping[str, Cursor]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    choices = _read_choices(fields["choices"]) if "choices" in fields else {}
    parts["choices"] = choices
    if kind is ItemType.NUMBER:
        parts |= _read_bounds(fields)
    if "ask_if" in fields:
        # Only items above this one are known here, so that gates cannot run in a circle.
        gate = read_condition(fields["ask_if"], bank.items)
        gates = {each.link_id: each.ask_if for each in bank.items.values() if each.ask_if}
        parts["ask_if"] = gated(gate, gates) if gate else None
    if "worse" in fields:
        parts["worse"] = _read_worse(fields["worse"], _WORSE.get(kind, tuple(choices)))
    if "sensitive" in fields:
        parts["sensitive"] = fields["sensitive"].yes()
    if "record_only" in fields:
        parts["record_only"] = fields["record_only"].text()
    if "codes" in fields:
        parts["codes"] = {
            key.word: tuple(code.text() or "" for code in codes.parts())
            for key, codes in fields["codes"].entries()
        }
    return parts


def _check_fields(kind: ItemType, fields: Mapping[str, Cursor], key: Cursor) -> None:
    for name, kinds in _ONLY_FOR.items():
        if name in fields and kind not in kinds:
            message = f"`{name}` does not fit the type {kind.value}"
            fields[name].report("unfit-field", message, "leave it out")
    for name in _NEEDED_FOR.get(kind, ()):
        if name not in fields:
            message = f"the type {kind.value} needs the field `{name}`"
            key.report("missing-field", message)


def _read_choices(cursor: Cursor) -> dict[str, Wording]:
    read = [(key.id(), value.wording()) for key, value in cursor.entries()]
    choices = {code: wording for code, wording in read if code and wording}
    if len(read) < _FEWEST_CHOICES:
        cursor.report("too-few-choices", "a choice is between two or more", "add a choice")
    return choices


def _read_bounds(fields: Mapping[str, Cursor]) -> dict[str, Any]:
    parts: dict[str, Any] = {"unit": fields["unit"].text() if "unit" in fields else None}
    parts["minimum"] = fields["min"].whole_number() if "min" in fields else None
    parts["maximum"] = fields["max"].whole_number() if "max" in fields else None
    low, high = parts["minimum"], parts["maximum"]
    if low is not None and high is not None and low >= high:
        message = f"no number lies between {low} and {high}"
        fields["max"].report("bad-bounds", message, "`max` is more than `min`")
    return parts


def _read_worse(cursor: Cursor, known: tuple[str, ...]) -> str | None:
    word = cursor.text()
    if word is not None and word not in known:
        cursor.report("not-one-of", f"`{word}` is not possible here", near(word, known))
        return None
    return word


def _check_record_only(fields: Mapping[str, Cursor]) -> None:
    if "record_only" in fields and "cite" not in fields:
        message = "an item that no criterion reads still needs a source for asking it"
        fields["record_only"].report("missing-citation", message, "add `cite: […]`")
