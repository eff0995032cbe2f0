"""The question bank: sections and items."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from screening.core.rules.condition import Condition, add_ask_if
from screening.core.rules.item import Finder, Item, ItemType, Section
from screening.core.rules.patient_path import PatientPath
from screening.core.rules.term import Term
from screening.core.values.answer import AbsentReason
from screening.core.values.citation import Citation
from screening.core.values.wording import Audience, Wording
from screening.formats.answers.sealed_fields import LONGEST_LINK, MOST_BYTES, longest_answer_size
from screening.formats.rules.conditions import RESERVED, Items, read_condition, size_with_ask_if
from screening.formats.rules.patient_path_file import PatientPathReader, read_shown_if
from screening.formats.rules.term_list import read_terms
from screening.formats.yaml.cursor import Cursor
from screening.formats.yaml.hints import near

_REQUIRED = ("type", "section", "name", "ask", "why")
_OPTIONAL = (
    "help", "choices", "unit", "min", "max", "ask_if", "worse", "sensitive", "record_only", "cite",
    "codes", "who", "shown_if", "patient_shown_if", "can_wait", "sign", "unsure",
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
_SYSTEMS = ("icd10cm", "loinc")
_FEWEST_CHOICES = 2
_MOST_ASK_IF_TESTS = 32
_NO_CHOICE = ("unknown", "unanswered", *(reason.value for reason in AbsentReason))


@dataclass(slots=True)
class Bank:
    """A question file with the cursors to report at: items by link id, and gates."""

    version: str = ""
    sections: dict[str, Section] = field(default_factory=dict[str, Section])
    items: Items = field(default_factory=Items)
    terms: dict[str, Term] = field(default_factory=dict[str, Term])
    cursors: dict[str, Cursor] = field(default_factory=dict[str, Cursor])
    section_cursors: dict[str, Cursor] = field(default_factory=dict[str, Cursor])
    ask_if_cursors: dict[str, Cursor] = field(default_factory=dict[str, Cursor])
    shown_if_cursors: dict[str, Cursor] = field(default_factory=dict[str, Cursor])
    unasked_cursors: dict[str, Cursor] = field(default_factory=dict[str, Cursor])
    patient_path: PatientPath | None = None
    can_wait_cursors: dict[str, Cursor] = field(default_factory=dict[str, Cursor])
    said: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])


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
    fields = root.fields(("questions", "version", "sections", "items"), ("patient_path", "terms"))
    if "questions" in fields:
        fields["questions"].id()
    if "version" in fields:
        bank.version = fields["version"].version() or ""
    for key, value in fields["sections"].entries() if "sections" in fields else ():
        _read_section(bank, key, value)
    for key, value in fields["items"].entries() if "items" in fields else ():
        _read_item(bank, key, value, read_citations)
    if "terms" in fields:
        bank.terms = read_terms(fields["terms"])
    if "patient_path" in fields:
        path = PatientPathReader(bank.items, bank.unasked_cursors)
        bank.patient_path = path.read(fields["patient_path"])
    if not root.problems:
        _check_sections(bank)
    return bank


def _check_sections(bank: Bank) -> None:
    used = {item.section for item in bank.items.values()}
    for section_id, cursor in bank.section_cursors.items():
        if section_id not in used:
            message = f"no question belongs to the section `{section_id}`"
            cursor.report("unused-section", message, "give it a question, or delete it")


def _read_section(bank: Bank, key: Cursor, value: Cursor) -> None:
    section_id, title = key.id(), value.wording()
    bank.section_cursors[key.word] = key
    if section_id and title:
        bank.sections[section_id] = Section(id=section_id, title=title)
        _check_said(bank, section_id, key, "section", title)


def _read_item(bank: Bank, key: Cursor, value: Cursor, read_citations: ReadCitations) -> None:
    link_id, fields = _read_link_id(key), value.fields(_REQUIRED, _OPTIONAL)
    before = len(key.problems)
    kind = fields["type"].member(ItemType) if "type" in fields else None
    if kind is None:
        bank.items.unreadable.add(key.word.strip())
        return
    _check_fields(kind, fields, value)
    answers = _read_answers(kind, fields)
    if link_id is None or len(key.problems) > before:
        bank.items.unreadable.add(key.word.strip())
    parts = (
        answers
        | _read_words(fields)
        | _read_details(bank, key, kind, answers.get("choices", ()), fields)
    )
    if "cite" in fields:
        parts["citations"] = read_citations(fields["cite"])
    if "section" in fields:
        _check_section(bank, parts["section"], fields["section"])
    _check_record_only(fields)
    if link_id is not None and key.word.strip() not in bank.items.unreadable:
        bank.cursors[link_id] = key
        bank.items[link_id] = _item(link_id, kind, parts)
        _check_length(bank.items[link_id], key)
        for name in ("ask", "name", "sign", "unsure"):
            _check_said(bank, link_id, fields.get(name, key), name, parts.get(name))


def _item(link_id: str, kind: ItemType, parts: Mapping[str, Any]) -> Item:
    """The item; blanks stand where something was reported, and it goes no further than lint."""
    blank = Wording(nurse="", patient="")
    defaults: dict[str, Any] = {"ask": blank, "why": blank, "name": link_id, "section": ""}
    read = {name: part for name, part in parts.items() if part is not None}
    return Item(link_id=link_id, type=kind, **(defaults | read))


def _check_length(item: Item, key: Cursor) -> None:
    """Report a question that no record could hold an answer to."""
    if len(item.link_id) > LONGEST_LINK:
        message = f"the id of the question `{item.link_id[:LONGEST_LINK]}…` is too long"
        key.report("answer-too-long", message, f"at most {LONGEST_LINK} characters")
    elif (size := longest_answer_size(item)) > MOST_BYTES:
        message = f"the longest answer to `{item.link_id}` takes {size:,} bytes"
        hint = f"at most {MOST_BYTES} can be kept: shorten the codes, or offer fewer choices"
        key.report("answer-too-long", message, hint)


def _read_link_id(key: Cursor) -> str | None:
    link_id = key.id()
    if link_id in RESERVED:
        key.report("reserved-name", f"`{link_id}` is a word of conditions", "choose another name")
        return None
    if link_id and "-" in link_id:
        hint = "small letters, digits and `_`, a letter first"
        key.report("not-an-id", f"`{link_id}` is not a name for a question", hint)
        return None
    return link_id


def _read_words(fields: Mapping[str, Cursor]) -> dict[str, Any]:
    words: dict[str, Any] = {
        name: fields[name].wording() for name in ("ask", "why", "help") if name in fields
    }
    words |= {name: fields[name].text() for name in ("section", "record_only") if name in fields}
    words |= {name: fields[name].patient_words() for name in ("sign", "unsure") if name in fields}
    if "name" in fields:
        words["name"] = fields["name"].sentence()
    return words


def _read_answers(kind: ItemType, fields: Mapping[str, Cursor]) -> dict[str, Any]:
    """The bounds of the answers; conditions cannot be read while any of it has a problem."""
    parts: dict[str, Any] = {}
    if "choices" in fields and kind in _ONLY_FOR["choices"]:
        parts["choices"] = _read_choices(fields["choices"])
    if kind is ItemType.NUMBER:
        parts |= _read_bounds(fields)
    return parts


def _read_details(
    bank: Bank, key: Cursor, kind: ItemType, choices: Collection[str], fields: Mapping[str, Cursor]
) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if "ask_if" in fields:
        parts["ask_if"] = _read_ask_if(bank, key.word, fields["ask_if"])
    if "shown_if" in fields:
        parts["shown_if"] = read_shown_if(fields["shown_if"], bank.items)
        bank.shown_if_cursors[key.word] = fields["shown_if"]
    if "patient_shown_if" in fields:
        parts["patient_shown_if"] = read_shown_if(fields["patient_shown_if"], bank.items)
        bank.unasked_cursors[key.word] = fields["patient_shown_if"]
    if "worse" in fields:
        known = _WORSE.get(kind, tuple(choices))
        parts["worse"] = _read_worse(fields["worse"], known) if known else None
    if "who" in fields:
        parts["who"] = fields["who"].member(Finder)
    for name in ("sensitive", "can_wait"):
        if name in fields:
            parts[name] = fields[name].yes()
    if "can_wait" in fields:
        bank.can_wait_cursors[key.word] = fields["can_wait"]
    if "codes" in fields:
        message = "`codes` has no meaning here"
        fields["codes"].report("retired-field", message, "delete it")
        systems = fields["codes"].fields((), _SYSTEMS)
        words = {name: [code.word for code in each.parts()] for name, each in systems.items()}
        parts["codes"] = {name: tuple(codes) for name, codes in words.items()}
    return parts


def _read_ask_if(bank: Bank, link_id: str, cursor: Cursor) -> Condition | None:
    # Only items above this one are known here, so that gates cannot run in a circle.
    gate = read_condition(cursor, bank.items)
    if gate is None:
        return None
    gates = {each.link_id: each.ask_if for each in bank.items.values() if each.ask_if}
    size = size_with_ask_if(gate, gates)
    if size > _MOST_ASK_IF_TESTS:
        message = f"with the questions that it builds on, this makes {size:,} tests"
        cursor.report(
            "too-entangled", message, f"at most {_MOST_ASK_IF_TESTS} decide on a question"
        )
        return None
    bank.ask_if_cursors[link_id] = cursor
    return add_ask_if(gate, gates)


def _check_section(bank: Bank, section: str | None, cursor: Cursor) -> None:
    """Sections are put in their order, so that a question never precedes what it depends on."""
    if section is None or section in bank.section_cursors:
        order = list(bank.sections)
        used = [each.section for each in bank.items.values() if each.section in bank.sections]
        if section in bank.sections and used and order.index(used[-1]) > order.index(section):
            message = f"a question of `{section}` comes after one of `{used[-1]}`"
            cursor.report("out-of-order", message, "keep the order of `sections`")
        return
    hint = near(section, bank.sections)
    cursor.report("unknown-section", f"unknown section `{section}`", hint)


def _check_said(
    bank: Bank, owner: str, cursor: Cursor, kind: str, words: Wording | str | None
) -> None:
    """Report words with two meanings, which a reader could not tell apart."""
    both = (words.nurse, words.patient) if isinstance(words, Wording) else (words or "",) * 2
    keys = [(kind, each.value, text.casefold()) for each, text in zip(Audience, both, strict=True)]
    others = [bank.said[key] for key in keys if key in bank.said]
    if others:
        message = f"the same words stand for `{others[0]}`"
        cursor.report("same-words", message, "say what makes the difference")
    bank.said |= {key: owner for key in keys if key[-1]}


def _check_fields(kind: ItemType, fields: Mapping[str, Cursor], item: Cursor) -> None:
    for name, kinds in _ONLY_FOR.items():
        if name in fields and kind not in kinds:
            message = f"`{name}` does not fit the type {kind.value}"
            fields[name].report("unfit-field", message, "leave it out")
    for name in _NEEDED_FOR.get(kind, ()):
        if name not in fields:
            item.report_missing(name, f"the type {kind.value} needs it")


def _read_choices(cursor: Cursor) -> dict[str, Wording]:
    entries = cursor.entries()
    choices: dict[str, Wording] = {}
    said: dict[tuple[Audience, str], str] = {}
    for key, value in entries:
        code, wording = key.id(), value.wording()
        if code in _NO_CHOICE:
            hint = "leave it out: everyone can say that they do not know"
            key.report("reserved-name", f"`{code}` cannot be a choice", hint)
        words = [(each, wording.to(each).casefold()) for each in Audience] if wording else []
        same = [said[each] for each in words if each in said]
        if same:
            message = f"the choice `{same[0]}` has the same words"
            key.report("same-words", message, "say what makes the difference")
        said |= dict.fromkeys(words, key.word)
        if code and wording:
            choices[code] = wording
    if cursor.is_table and len(entries) < _FEWEST_CHOICES:
        cursor.report("too-few-choices", "a choice is between two or more", "add a choice")
    return choices


def _read_bounds(fields: Mapping[str, Cursor]) -> dict[str, Any]:
    parts: dict[str, Any] = {"unit": fields["unit"].sentence() if "unit" in fields else None}
    parts["minimum"] = fields["min"].whole_number() if "min" in fields else None
    parts["maximum"] = fields["max"].whole_number() if "max" in fields else None
    low, high = parts["minimum"], parts["maximum"]
    if low is not None and high is not None and low >= high:
        message = f"no answer can lie between {low} and {high}"
        fields["max"].report("bad-bounds", message, "`max` is more than `min`")
    return parts


def _read_worse(cursor: Cursor, known: tuple[str, ...]) -> str | None:
    word = cursor.text()
    if word is not None and word not in known:
        cursor.report("not-one-of", f"`{word}` is no answer that could be worse", near(word, known))
        return None
    return word


def _check_record_only(fields: Mapping[str, Cursor]) -> None:
    if "record_only" in fields and "cite" not in fields:
        message = "a question for the record needs a source, too"
        fields["record_only"].report("missing-citation", message, "add `cite: […]`")
