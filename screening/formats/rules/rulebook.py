"""Rule files to rulesets: includes are followed, parts joined, the whole checked."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from screening.core.rules.condition import ALWAYS, items_in
from screening.core.rules.item import Item
from screening.core.rules.patient_path import PatientPath
from screening.core.rules.ruleset import APART, Ruleset, Trigger
from screening.core.values.citation import Source
from screening.errors import DocumentError, Place, Problem
from screening.formats.documents.ruleset_json import digest_of
from screening.formats.rules.lint import lint
from screening.formats.rules.proofs_at_load import check_proofs
from screening.formats.rules.question_file import Bank, read_bank
from screening.formats.rules.rule_file import Draft, read_body, read_citations, read_head
from screening.formats.rules.rule_text import QUESTIONS, RuleText
from screening.formats.yaml.cursor import Cursor
from screening.formats.yaml.hints import near
from screening.formats.yaml.reader import in_order, read_nodes

_DEEPEST = 16
"""Files that include each other in a row."""


def read_ruleset(name: str, texts: Mapping[str, RuleText]) -> Ruleset:
    """Read one ruleset with all that it includes.

    Args:
        name: a key of ``texts``.
        texts: name (the file's name without its ending) to text; ``questions`` is the bank.

    Returns:
        The ruleset, complete, free of every mistake that lint knows, and proved. One without
        outcomes (a part for others to include) can be read, but not assessed by.

    Raises:
        DocumentError: with every problem of every file that takes part.
    """
    reading = _Reading(texts)
    drafts = reading.drafts(name)
    own = reading.join_sources(drafts)
    shelf = reading.shelf() | own
    bank = reading.bank(shelf)
    if bank:
        # they may cite those of a file that is not there or cannot be read
        sources = _OpenShelf(shelf) if reading.unreadable else own
        for draft in drafts:
            read_body(draft, bank.items, sources)
        if drafts:
            whole, complete = not reading.unreadable, not reading.problems
            lint(drafts, bank, whole=whole, complete=complete)
    if reading.problems or bank is None:
        raise DocumentError(reading.problems)
    joined = _join(drafts, bank, shelf)
    ruleset = replace(joined, digest=digest_of(joined))
    if ruleset.outcomes:
        check_proofs(ruleset, drafts, bank)
    if reading.problems:
        raise DocumentError(reading.problems)
    return ruleset


def read_recorded_ruleset(name: str, texts: Mapping[str, RuleText], digest: str) -> Ruleset | None:
    """Read a ruleset again that was in use: whatever is asked of rule files by now.

    The digest vouches for it: these are the rules that were checked and proved at their time.

    Args:
        name: a key of ``texts``.
        texts: as for ``read_ruleset``.
        digest: what was recorded.

    Returns:
        The ruleset, or None if the texts do not give one with this digest.
    """
    if name not in texts:
        return None
    reading = _Reading(texts, recorded=True)
    try:
        drafts = reading.drafts(name)
        shelf = reading.shelf() | reading.join_sources(drafts)
        bank = reading.bank(shelf)
        if not drafts or bank is None or not all(draft.part for draft in drafts):
            return None
        for draft in drafts:
            read_body(draft, bank.items, reading.join_sources(drafts))
        ruleset = _join(drafts, bank, shelf)
    except (DocumentError, KeyError):  # problems without end, or a part that another one lacks
        return None
    return replace(ruleset, digest=digest) if digest_of(ruleset) == digest else None


def unused_items(texts: Mapping[str, RuleText], rulesets: Iterable[Ruleset]) -> list[Problem]:
    """The items of the question bank that no ruleset asks, as problems."""
    reading = _Reading(texts)
    asked = {link_id for ruleset in rulesets for link_id in ruleset.items}
    bank = reading.bank(reading.shelf())
    for link_id, cursor in bank.cursors.items() if bank else ():
        if link_id not in asked:
            hint = "use it in a criterion, say `record_only: …` with a reason, or delete it"
            cursor.report("unused-item", f"no criterion reads `{link_id}`", hint)
    return reading.problems


class _OpenShelf(dict[str, Source]):
    """Sources of which some are in a file that cannot be read: any name may be one of them."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        super().__init__(sources)
        self.missed: set[object] = set()

    def __contains__(self, key: object) -> bool:
        if not super().__contains__(key):
            self.missed.add(key)
        return True


class _Reading:
    """Reads the files of one ruleset and keeps the problems of all of them."""

    def __init__(self, texts: Mapping[str, RuleText], *, recorded: bool = False) -> None:
        self._texts = texts
        self._recorded = recorded
        self._read: dict[str, list[Problem]] = {}
        self._heads: dict[str, Draft] = {}
        self._unread: dict[str, list[Problem]] = {}
        self.unreadable: set[str] = set()

    @property
    def problems(self) -> list[Problem]:
        """The problems of all files, file by file as they were read, each from top to bottom."""
        return [problem for found in self._read.values() for problem in in_order(found)]

    def root(self, name: str) -> Cursor | None:
        text = self._texts[name]
        node, reporter = read_nodes(text.source, text.data, recorded=self._recorded)
        self._read[name] = reporter.problems
        if node is None:
            self.unreadable.add(name)
            return None
        return Cursor(node, reporter)

    def drafts(self, name: str, seen: tuple[str, ...] = ()) -> list[Draft]:
        """The draft of a file, then those of the files that it includes, each once."""
        root = self.root(name)
        if root is None:
            return []
        draft = self._heads[name] = read_head(root)
        if "rules" in draft.fields and draft.fields["rules"].word != name:
            message = f"the file is called `{name}`, and so must be what it holds"
            draft.fields["rules"].report("wrong-name", message, f"write `rules: {name}`")
        drafts = [draft]
        for cursor in draft.include:
            if self._includes(cursor, (*seen, name), [each.word for each in draft.include]):
                drafts += self.drafts(cursor.word, (*seen, name))
        return drafts

    def _includes(self, cursor: Cursor, seen: tuple[str, ...], included: list[str]) -> bool:
        """True if a file is to be read that another includes; problems say why it cannot be."""
        word = cursor.word
        if word in seen:
            message = f"`{word}` includes itself"
            cursor.report("include-cycle", message, " -> ".join(f"`{x}`" for x in (*seen, word)))
        elif word not in self._texts or word == QUESTIONS:
            known = [each for each in self._texts if each not in (QUESTIONS, *seen)]
            cursor.report("unknown-include", f"there is no rule file `{word}`", near(word, known))
            self.unreadable.add(word)
        elif len(seen) > _DEEPEST:
            message = f"more than {_DEEPEST} files include each other in a row"
            cursor.report("too-deep", message, "make it flatter")
            return False
        elif included.count(word) > 1 and not self._new(word):
            cursor.report("repeated-part", f"`{word}` is here twice", "keep one of them")
        return self._new(word)

    def _new(self, name: str) -> bool:
        return name in self._texts and name != QUESTIONS and name not in self._read

    def join_sources(self, drafts: Iterable[Draft]) -> dict[str, Source]:
        sources: dict[str, Source] = {}
        for draft in drafts:
            for source_id, source in draft.sources.items():
                if source_id in sources:
                    cursor = draft.cursors[f"source {source_id}"]
                    message = f"the source `{source_id}` is described in another file, too"
                    cursor.report("duplicate-id", message, "describe it in one of them")
                sources[source_id] = source
        return sources

    def shelf(self) -> dict[str, Source]:
        """The sources of all rule files: the bank is shared, so its items may cite any of them.

        Problems of files that take no part are left to their own reading.
        """
        for name in self._texts:
            if self._new(name) and name not in self._heads:
                self._read_shelved(name)
        return {
            key: source
            for draft in self._heads.values()
            for key, source in draft.sources.items()
            if key not in draft.incomplete
        }

    def _read_shelved(self, name: str) -> None:
        try:
            text = self._texts[name]
            node, reporter = read_nodes(text.source, text.data, recorded=self._recorded)
            if node is None:
                self._unread[name] = reporter.problems
            else:
                self._heads[name] = read_head(Cursor(node, reporter))
        except DocumentError:  # hopelessly many problems
            return

    def bank(self, sources: Mapping[str, Source]) -> Bank | None:
        if QUESTIONS not in self._texts:
            place = Place(source=f"{QUESTIONS}.yaml")
            message = "the question bank is missing beside the rule files"
            problem = Problem(code="missing-file", message=message, place=place)
            self._read[QUESTIONS] = [problem]
            return None
        root = self.root(QUESTIONS)
        if root is None:
            return None
        shelf = _OpenShelf(sources) if self.unreadable or self._unread else sources
        bank = read_bank(root, lambda cite: read_citations(cite, shelf))
        if isinstance(shelf, _OpenShelf) and shelf.missed:
            self._read |= self._unread  # what the bank cites is in one of these
        return bank


def _join(drafts: list[Draft], bank: Bank, sources: dict[str, Source]) -> Ruleset:
    first = drafts[0]
    parts = tuple(draft.part for draft in drafts if draft.part)
    criteria = tuple(each for draft in drafts for each in draft.criteria)
    questions = tuple(each for draft in drafts for each in draft.doctor_questions)
    conditions = [criterion.condition for criterion in criteria]
    conditions += [question.condition for question in questions]
    rules = tuple(each for draft in drafts for each in draft.consistency)
    read = {link_id for condition in conditions for link_id in items_in(condition)}
    items = _asked(bank.items, read.union(*(rule.items for rule in rules)))
    sections = {item.section for item in items.values()}
    cited = {citation.source for item in items.values() for citation in item.citations}
    own = {source_id for draft in drafts for source_id in draft.sources}
    apart = {each.trigger: each for each in first.outcomes if each.trigger in APART}
    return Ruleset(
        id=parts[0].id,
        version=parts[0].version,
        title=parts[0].title,
        parts=parts,
        questions_version=bank.version,
        sections=tuple(each for each in bank.sections.values() if each.id in sections),
        items=items,
        sources={key: source for key, source in sources.items() if key in own | cited},
        criteria=criteria,
        outcomes=tuple(each for each in first.outcomes if each.trigger not in APART),
        open_outcome=apart.get(Trigger.OPEN),
        best=tuple(cursor.word for cursor in first.best),
        favourable=frozenset(cursor.word for cursor in first.favourable),
        doctor_questions=questions,
        disagreements=tuple(each for draft in drafts for each in draft.disagreements),
        silent_on={k: v for draft in drafts for k, v in draft.silent_on.items()},
        consistency=rules,
        contradiction_outcome=apart.get(Trigger.CONTRADICTION),
        terms=bank.terms,
        patient_path=_path_over(bank.patient_path, items),
        options=tuple(each for draft in drafts for each in draft.options),
        writers=tuple(each for draft in drafts for each in draft.writers),
    )


def _path_over(path: PatientPath | None, items: Mapping[str, Item]) -> PatientPath | None:
    """The way of patients over the items of a ruleset, if it asks what comes first."""
    if path is None or not items.keys() >= {path.first} | items_in(path.report.ask_if or ALWAYS):
        return None
    return replace(path, with_report=path.with_report.intersection(items))


def _asked(items: Mapping[str, Item], read: AbstractSet[str]) -> dict[str, Item]:
    """The items that a ruleset reads, those that it keeps for the record, and their gates."""
    wanted = set(read) | {each.link_id for each in items.values() if each.record_only}
    for item in items.values():
        for condition in (item.ask_if, item.shown_if, item.patient_shown_if):
            if item.link_id in wanted and condition is not None:
                wanted |= items_in(condition)
    return {link_id: item for link_id, item in items.items() if link_id in wanted}
