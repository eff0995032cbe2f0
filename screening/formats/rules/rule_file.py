"""One rule file: sources, criteria, outcomes, questions for the doctor, disagreements, silence."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from screening.core.rules.condition import Condition, Not, add_ask_if, all_of, items_in
from screening.core.rules.consistency import Consistency
from screening.core.rules.option import Option, Writer
from screening.core.rules.ruleset import (
    Criterion,
    Disagreement,
    DoctorQuestion,
    Matter,
    Outcome,
    Part,
    Position,
    Silence,
    Status,
    Strength,
    Tier,
    Trigger,
)
from screening.core.values.citation import Basis, Citation, Source
from screening.core.values.truth import Truth
from screening.formats.rules.conditions import Items, read_condition, size_with_ask_if
from screening.formats.rules.consistency_file import read_check
from screening.formats.rules.option_file import read_option, read_writer
from screening.formats.yaml.cursor import Cursor
from screening.formats.yaml.hints import near

LONGEST_QUOTE = 11
"""Words in a quoted phrase, with its prefix and suffix: the rule is "under 12"."""

_MOST_TESTS = 500

_HEAD = ("rules", "version", "title", "status", "effective", "basis", "sources", "criteria")
_BODY = (
    "include", "outcomes", "best", "favourable", "ask", "disagreements", "silent_on", "consistency",
    "options", "writers",
)  # fmt: skip
_SECTIONS = (
    "criteria", "outcomes", "ask", "disagreements", "silent_on", "consistency",
    "options", "writers",
)  # fmt: skip
TRIGGERS = {
    "any emergency": (Trigger.ANY, Tier.EMERGENCY),
    "any urgent": (Trigger.ANY, Tier.URGENT),
    "any exclusion or broken limit": (Trigger.ANY, Tier.EXCLUSION),
    "any required is false": (Trigger.REQUIRED_IS_FALSE, None),
    "any described is false": (Trigger.DESCRIBED_IS_FALSE, None),
    "any caution": (Trigger.ANY, Tier.CAUTION),
    "otherwise": (Trigger.OTHERWISE, None),
    "open": (Trigger.OPEN, None),
    "contradiction": (Trigger.CONTRADICTION, None),
}


@dataclass(slots=True)
class Draft:
    """The content of a rule file, with the cursors to report at."""

    root: Cursor
    fields: dict[str, Cursor]
    part: Part | None = None
    include: list[Cursor] = field(default_factory=list[Cursor])
    sources: dict[str, Source] = field(default_factory=dict[str, Source])
    incomplete: set[str] = field(default_factory=set[str])
    criteria: list[Criterion] = field(default_factory=list[Criterion])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    best: list[Cursor] = field(default_factory=list[Cursor])
    favourable: list[Cursor] = field(default_factory=list[Cursor])
    doctor_questions: list[DoctorQuestion] = field(default_factory=list[DoctorQuestion])
    disagreements: list[Disagreement] = field(default_factory=list[Disagreement])
    silent_on: dict[str, Silence] = field(default_factory=dict[str, Silence])
    consistency: list[Consistency] = field(default_factory=list[Consistency])
    options: list[Option] = field(default_factory=list[Option])
    writers: list[Writer] = field(default_factory=list[Writer])
    cursors: dict[str, Cursor] = field(default_factory=dict[str, Cursor])


def read_head(root: Cursor) -> Draft:
    """Read what does not depend on other files: the head and the sources."""
    draft = Draft(root, root.fields(_HEAD, _BODY))
    if "include" in draft.fields:
        draft.include = [each for each in draft.fields["include"].parts() if each.text()]
    if "sources" in draft.fields:
        for key, value in draft.fields["sources"].entries():
            before = len(root.problems)
            draft.sources[key.word] = _read_source(key, value)
            draft.cursors[f"source {key.word}"] = key
            if len(root.problems) > before:
                draft.incomplete.add(key.word)
    draft.part = _read_part(draft)
    return draft


def read_body(draft: Draft, items: Items, sources: Mapping[str, Source]) -> None:
    """Read the criteria and all that refers to items and sources, into the draft."""
    readers = _Readers(draft, items, sources)
    for name in _SECTIONS:
        if name in draft.fields:
            for key, value in draft.fields[name].entries():
                getattr(readers, f"read_{name}")(key, value)
    for name in ("best", "favourable"):
        if name in draft.fields:
            setattr(draft, name, draft.fields[name].parts())


_CITE = "nothing is said without a source: add `{source: …, heading: …, exact: …}`"


def read_citations(cursor: Cursor, sources: Mapping[str, Source]) -> tuple[Citation, ...]:
    """Read a list of quoted passages."""
    cursors = cursor.parts()
    if not cursors and cursor.is_list:
        cursor.report("missing-citation", "a passage is missing here", _CITE)
    read = (_read_citation(each, sources) for each in cursors)
    return tuple(citation for citation in read if citation)


def _read_part(draft: Draft) -> Part | None:
    fields = draft.fields
    dates = fields["effective"].fields(("from", "review_by")) if "effective" in fields else {}
    read = {
        "id": fields["rules"].id() if "rules" in fields else None,
        "version": fields["version"].version() if "version" in fields else None,
        "title": fields["title"].wording() if "title" in fields else None,
        "status": fields["status"].member(Status) if "status" in fields else None,
        "basis": fields["basis"].member(Basis) if "basis" in fields else None,
        "effective_from": dates["from"].date() if "from" in dates else None,
        "review_by": dates["review_by"].date() if "review_by" in dates else None,
    }
    if any(value is None for value in read.values()):
        return None
    known: dict[str, Any] = read
    if known["review_by"] <= known["effective_from"]:
        message = "the review is due before the file takes effect"
        dates["review_by"].report("bad-bounds", message, "`review_by` is later than `from`")
    return Part(**known, sources=tuple(draft.sources))


def _read_source(key: Cursor, value: Cursor) -> Source:
    """The source; blank where something was reported, so that one mistake is one problem."""
    required = ("title", "publisher", "kind", "basis", "read_on")
    fields = value.fields(required, ("sha256", "address", "published", "note"))
    read: dict[str, Any] = {
        name: cursor.sentence()
        for name, cursor in fields.items()
        if name not in ("basis", "read_on")
    }
    read["basis"] = fields["basis"].member(Basis) if "basis" in fields else None
    read["read_on"] = fields["read_on"].date() if "read_on" in fields else None
    if "sha256" in fields and not re.fullmatch(r"[0-9a-f]{64}", fields["sha256"].word, re.ASCII):
        hint = "64 digits 0-9a-f, as `sha256sum` prints them"
        fields["sha256"].report("not-a-hash", "this is not a SHA-256", hint)
    if "address" in fields and not re.fullmatch(r"https?://[^\s\"<>]+", fields["address"].word):
        message = "this is not a web address"
        fields["address"].report("not-an-address", message, "it starts with `https://`")
    key.id()
    blanks: dict[str, Any] = {"title": "", "publisher": "", "kind": ""}
    blanks |= {"basis": Basis.SECONDARY, "read_on": dt.date.min}
    return Source(id=key.word, **(blanks | {name: each for name, each in read.items() if each}))


def _read_citation(cursor: Cursor, sources: Mapping[str, Source]) -> Citation | None:
    fields = cursor.fields(("source", "heading", "exact"), ("prefix", "suffix"))
    read = {name: each.text() for name, each in fields.items()}
    if read.get("source") and read["source"] not in sources:
        word = fields["source"].word
        fields["source"].report("unknown-source", f"unknown source `{word}`", near(word, sources))
        return None
    _check_quote({name: each for name, each in fields.items() if name in _QUOTED})
    source, heading, exact = (read.get(name) for name in ("source", "heading", "exact"))
    if not (source and heading and exact):
        return None
    prefix, suffix = read.get("prefix") or "", read.get("suffix") or ""
    return Citation(source=source, heading=heading, quote=exact, prefix=prefix, suffix=suffix)


_QUOTED = ("prefix", "exact", "suffix")


def _check_quote(fields: Mapping[str, Cursor]) -> None:
    length = sum(len(cursor.word.split()) for cursor in fields.values())
    if length > LONGEST_QUOTE and "exact" in fields:
        hint = f"at most {LONGEST_QUOTE}; say the rest in your own words"
        fields["exact"].report("long-quote", f"the quoted phrase has {length} words", hint)
    for cursor in fields.values():
        if "…" in cursor.word or "..." in cursor.word:
            message = "a quoted phrase with something left out cannot be found in its source"
            cursor.report("elided-quote", message, "quote words that stand side by side")


class _Readers:
    """Readers of the sections of a rule file, one method for each."""

    def __init__(self, draft: Draft, items: Items, sources: Mapping[str, Source]) -> None:
        self._draft, self._items, self._sources = draft, items, sources
        self._gates = {each.link_id: each.ask_if for each in items.values() if each.ask_if}
        self._ruleset = draft.part.id if draft.part else ""

    def read_criteria(self, key: Cursor, value: Cursor) -> None:
        required = ("tier", "when", "strength", "say", "cite")
        fields = value.fields(required, ("unmet", "limit", "implies"))
        read = self._read_common(fields)
        read["tier"] = fields["tier"].member(Tier) if "tier" in fields else None
        read["strength"] = fields["strength"].member(Strength) if "strength" in fields else None
        unmet = fields["unmet"].wording() if "unmet" in fields else None
        self._check_unmet(read["tier"], fields, key)
        self._check_required(read, fields)
        self._check_limit(read["tier"], fields)
        criterion_id = key.id()
        self._draft.cursors[f"criterion {key.word}"] = key
        if criterion_id is None or any(part is None for part in read.values()):
            return
        implies = self._read_implies(criterion_id, fields)
        criterion = Criterion(
            id=criterion_id, ruleset=self._ruleset, unmet=unmet, implies=implies, **read
        )
        self._draft.criteria.append(criterion)
        if "limit" in fields:
            self._read_limit(criterion, fields["limit"])

    def read_outcomes(self, key: Cursor, value: Cursor) -> None:
        fields = value.fields(("name", "when", "say"))
        outcome_id = key.id()
        name = fields["name"].text() if "name" in fields else None
        self._draft.cursors[f"outcome {key.word}"] = key
        say = fields["say"].wording() if "say" in fields else None
        word = (fields["when"].text() if "when" in fields else None) or ""
        if word and word not in TRIGGERS:
            message = f"`{word}` is nothing that leads to an outcome"
            fields["when"].report("not-one-of", message, near(word, TRIGGERS))
        if outcome_id and name and say and word in TRIGGERS:
            trigger, tier = TRIGGERS[word]
            outcome = Outcome(id=outcome_id, name=name, trigger=trigger, tier=tier, say=say)
            self._draft.outcomes.append(outcome)

    def read_ask(self, key: Cursor, value: Cursor) -> None:
        fields = value.fields(("when", "say", "cite"), ("first", "if_unknown", "matters"))
        read = self._read_common(fields) | self._read_place(fields)
        question_id = key.id()
        self._draft.cursors[f"ask {key.word}"] = key
        if question_id and all(part is not None for part in read.values()):
            question = DoctorQuestion(id=question_id, ruleset=self._ruleset, **read)
            self._draft.doctor_questions.append(question)
            if "if_unknown" in fields and not items_in(question.condition):
                message = f"`{question_id}` is always asked, so nothing about it can be unknown"
                fields["if_unknown"].report("unfit-field", message, "leave it out")

    def _read_place(self, fields: Mapping[str, Cursor]) -> dict[str, Any]:
        """The place of a question on the sheet, and its words while an answer is missing."""
        read: dict[str, Any] = {}
        if "first" in fields:
            read["first"] = fields["first"].whole_number()
            if read["first"] is not None and read["first"] < 1:
                fields["first"].report("bad-bounds", "ranks begin with 1", "1 comes first")
        if "if_unknown" in fields:
            read["if_unknown"] = fields["if_unknown"].patient_words()
        if "matters" in fields:
            read["matters"] = tuple(each.member(Matter) for each in fields["matters"].parts())
        return read

    def read_disagreements(self, key: Cursor, value: Cursor) -> None:
        fields = value.fields(("topic", "positions"), ("touches",))
        topic = fields["topic"].wording() if "topic" in fields else None
        touches = fields["touches"].parts() if "touches" in fields else []
        positions = fields["positions"].parts() if "positions" in fields else []
        read = [self._read_position(position) for position in positions]
        if "positions" in fields and fields["positions"].is_list and not positions:
            message, hint = "a disagreement needs positions", "add what each source says"
            fields["positions"].report("too-few-positions", message, hint)
        topic_id = key.id()
        self._draft.cursors[f"disagreement {key.word}"] = key
        for touch in touches:
            self._draft.cursors[f"touch {topic_id} {touch.word}"] = touch
        if topic_id and topic and all(read):
            self._draft.disagreements.append(
                Disagreement(
                    id=topic_id,
                    topic=topic,
                    touches=frozenset(touch.word for touch in touches),
                    positions=tuple(position for position in read if position),
                )
            )

    def read_silent_on(self, key: Cursor, value: Cursor) -> None:
        cited = "say" in set(value.keys())
        fields = value.fields(("say", "cite")) if cited else {"say": value}
        topic_id, say = key.id(), fields["say"].wording()
        self._draft.cursors[f"silent {key.word}"] = key
        cite = read_citations(fields["cite"], self._sources) if "cite" in fields else ()
        if topic_id and say:
            self._draft.silent_on[topic_id] = Silence(say=say, citations=cite)

    def read_consistency(self, key: Cursor, value: Cursor) -> None:
        fields = value.fields(("say",), ("never", "order", "age"))
        rule_id, say = key.id(), fields["say"].wording() if "say" in fields else None
        self._draft.cursors[f"consistency {key.word}"] = key
        check = read_check(value, fields, self._items)
        if rule_id and say and check:
            rule = Consistency(id=rule_id, ruleset=self._ruleset, check=check, say=say)
            self._draft.consistency.append(rule)

    def read_options(self, key: Cursor, value: Cursor) -> None:
        option = read_option(key, value, self._ruleset, self._read_cite)
        self._draft.cursors[f"option {key.word}"] = key
        if option:
            self._draft.options.append(option)

    def read_writers(self, key: Cursor, value: Cursor) -> None:
        writer = read_writer(key, value, self._sources, self._read_cite)
        self._draft.cursors[f"writer {key.word}"] = key
        if writer:
            self._draft.writers.append(writer)

    def _read_cite(self, cursor: Cursor) -> tuple[Citation, ...]:
        return read_citations(cursor, self._sources)

    def _read_common(self, fields: Mapping[str, Cursor]) -> dict[str, Any]:
        """The fields `when`, `say` and `cite`; None for what could not be read."""
        when = self._read_condition(fields["when"]) if "when" in fields else None
        cite = read_citations(fields["cite"], self._sources) if "cite" in fields else ()
        return {
            "condition": add_ask_if(when, self._gates) if when else None,
            "say": fields["say"].wording() if "say" in fields else None,
            "citations": cite or None,
        }

    def _read_condition(self, cursor: Cursor) -> Condition | None:
        condition = read_condition(cursor, self._items)
        size = size_with_ask_if(condition, self._gates) if condition else 0
        if size > _MOST_TESTS:
            message = f"with the questions that it builds on, this makes {size:,} tests"
            cursor.report("too-entangled", message, f"at most {_MOST_TESTS} are read")
            return None
        return condition

    def _read_position(self, cursor: Cursor) -> Position | None:
        fields = cursor.fields(("say", "cite"))
        say = fields["say"].wording() if "say" in fields else None
        cite = read_citations(fields["cite"], self._sources) if "cite" in fields else ()
        return Position(say=say, citations=cite) if say and cite else None

    def _read_implies(self, criterion_id: str, fields: Mapping[str, Cursor]) -> tuple[str, ...]:
        cursors = fields["implies"].parts() if "implies" in fields else []
        for cursor in cursors:
            self._draft.cursors[f"implied {criterion_id} {cursor.word}"] = cursor
        return tuple(cursor.word for cursor in cursors)

    def _read_limit(self, criterion: Criterion, cursor: Cursor) -> None:
        """A broken limit is an exclusion of its own, so that it has words and a source."""
        fields = cursor.fields(("keep", "say", "cite"), ("strength", "implies"))
        strength = fields["strength"].member(Strength) if "strength" in fields else None
        keep = self._read_condition(fields["keep"]) if "keep" in fields else None
        say = fields["say"].wording() if "say" in fields else None
        cite = read_citations(fields["cite"], self._sources) if "cite" in fields else ()
        if keep is None or say is None or not cite:
            return
        broken = all_of(criterion.condition, Not(part=keep))
        limit = Criterion(
            id=f"{criterion.id}.limit",
            ruleset=self._ruleset,
            tier=Tier.EXCLUSION,
            condition=add_ask_if(broken, self._gates),
            strength=strength or criterion.strength,
            say=say,
            citations=cite,
            limit_of=criterion.id,
            implies=self._read_implies(f"{criterion.id}.limit", fields),
        )
        self._draft.criteria.append(limit)
        self._draft.cursors[f"criterion {limit.id}"] = cursor

    def _check_unmet(self, tier: Tier | None, fields: Mapping[str, Cursor], key: Cursor) -> None:
        speaks_unmet = tier is not None and tier.raises_flag_when is Truth.FALSE
        if tier and speaks_unmet and "unmet" not in fields:
            message = f"`{key.word}` is {tier.value}, so it needs words for when it does not hold"
            key.report("missing-field", message, "add `unmet: {nurse: …, patient: …}`")
        if tier and not speaks_unmet and "unmet" in fields:
            message = "`unmet` belongs to the tiers required and described"
            fields["unmet"].report("unfit-field", message, "leave it out, or change the tier")

    def _check_required(self, read: Mapping[str, Any], fields: Mapping[str, Cursor]) -> None:
        """A requirement is what a document says must be; all else is a description."""
        if read["tier"] is Tier.REQUIRED and read["strength"] not in (Strength.MUST, None):
            message = f"`required` needs a source that says must, not `{read['strength'].value}`"
            fields["tier"].report("required-not-must", message, "the tier `described` fits")

    def _check_limit(self, tier: Tier | None, fields: Mapping[str, Cursor]) -> None:
        if tier not in (Tier.CAUTION, None) and "limit" in fields:
            message = "`limit` belongs to the tier caution alone"
            fields["limit"].report("unfit-field", message, "leave it out, or change the tier")
