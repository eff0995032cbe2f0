"""Checks of a whole ruleset: what each file by itself cannot show."""

import datetime as dt
from collections import Counter

from screening.core.rules.condition import Unit, Within, items_in, tests_in
from screening.core.rules.option import statements
from screening.core.rules.ruleset import APART, Outcome, Status, Tier, Trigger
from screening.formats.rules.consistency_lint import lint_consistency, units_together
from screening.formats.rules.question_file import Bank
from screening.formats.rules.reachability import Reachability
from screening.formats.rules.rule_file import TRIGGERS, Draft
from screening.formats.yaml.cursor import Cursor
from screening.formats.yaml.hints import near


def lint(drafts: list[Draft], bank: Bank, *, whole: bool = True, complete: bool = True) -> None:
    """Report, at the cursors of the drafts, what is wrong with them as a whole.

    Args:
        drafts: the ruleset's own file first, then the included ones.
        bank: the question bank.
        whole: whether every file that takes part could be read. A name that no file knows is
            reported only then, for it may be one of the file that could not.
        complete: whether no file has a problem. What is missing from the whole is reported only
            then, and only once there is nothing else to report.
    """
    _check_names(drafts)
    _check_heads(drafts)
    if whole:
        _check_touches(drafts)
    _check_record_only(drafts, bank)
    _check_units(drafts)
    lint_consistency(drafts, bank)
    Reachability(drafts, bank).check()
    for draft in drafts[1:]:
        for name in ("outcomes", "best", "favourable"):
            if name in draft.fields:
                message = f"an included file has no `{name}` of its own"
                draft.fields[name].report("unfit-field", message, "leave it out")
    outcomes = _Outcomes(drafts)
    outcomes.check()
    if complete and not any(draft.root.problems for draft in drafts):
        _check_sources(drafts, bank)
        outcomes.check_reachable()


def _check_heads(drafts: list[Draft]) -> None:
    """Nothing in an active ruleset is a draft, retired, not yet in force, or read after review."""
    own = drafts[0].part
    for draft in drafts:
        part = draft.part
        if not part or not own:
            continue
        if own.status is Status.ACTIVE and part.status is not Status.ACTIVE:
            message = f"`{own.id}` is active and includes this file, which is {part.status.value}"
            draft.fields["status"].report("not-active", message, "include active files only")
        if part.effective_from > own.effective_from:
            message = f"this file takes effect after `{own.id}`, which includes it"
            draft.fields["effective"].report("bad-bounds", message, _no_later(own.effective_from))
        for source in draft.sources.values():
            if source.read_on > part.review_by:
                cursor = draft.cursors[f"source {source.id}"]
                message = f"`{source.id}` was read after the file's review was due"
                cursor.report("bad-bounds", message, _no_later(part.review_by))


def _no_later(day: dt.date) -> str:
    return f"no later than `{day.isoformat()}`"


def _check_names(drafts: list[Draft]) -> None:
    seen: dict[tuple[str, str], Cursor] = {}
    for draft in drafts:
        for name, cursor in draft.cursors.items():
            kind, _, rest = name.partition(" ")
            key = (_SHARED.get(kind, kind), rest)
            if kind in _UNIQUE and key in seen:
                message = f"the name `{rest}` is given twice"
                hint = f"first in {seen[key].source}:{seen[key].mark.line}"
                cursor.report("duplicate-id", message, hint)
            seen.setdefault(key, cursor)


_UNIQUE = ("criterion", "ask", "disagreement", "silent", "consistency", "option", "writer")
_SHARED = {"ask": "criterion"}
"""A disagreement touches criteria and questions for the doctor by one kind of name."""


def _check_units(drafts: list[Draft]) -> None:
    """Two lengths in different units change places with the month in which one asks.

    The dates of one order share their cut-offs, so they are counted alike.
    """
    units: dict[str, Unit] = {}
    together = units_together(drafts)
    for draft in drafts:
        for criterion in draft.criteria:
            for test in tests_in(criterion.condition):
                if not isinstance(test, Within):
                    continue
                date = together.get(test.item, test.item)
                if units.setdefault(date, test.unit) != test.unit:
                    message = (
                        f"`{criterion.id}` counts the time since `{test.item}` in {test.unit.value}"
                    )
                    hint = f"count it in {units[date].value}, as the criteria above do"
                    draft.cursors[f"criterion {criterion.id}"].report("mixed-units", message, hint)


def _check_sources(drafts: list[Draft], bank: Bank) -> None:
    cited = {c.source for item in bank.items.values() for c in item.citations}
    for draft in drafts:
        cited |= {c.source for criterion in draft.criteria for c in criterion.citations}
        cited |= {c.source for question in draft.doctor_questions for c in question.citations}
        cited |= {c.source for silence in draft.silent_on.values() for c in silence.citations}
        described = statements((*draft.options, *draft.writers))
        cited |= {c.source for _, statement in described for c in statement.citations}
        cited |= {
            c.source
            for topic in draft.disagreements
            for position in topic.positions
            for c in position.citations
        }
    _check_writers(drafts)
    for draft in drafts:
        for source_id in draft.sources:
            if source_id not in cited:
                cursor = draft.cursors[f"source {source_id}"]
                message = f"nothing is quoted from `{source_id}`"
                cursor.report("unused-source", message, "quote it, or delete it")


def _check_writers(drafts: list[Draft]) -> None:
    """A page shows who wrote a source beside what the source says of an option."""
    known = {writer.id for draft in drafts for writer in draft.writers}
    for draft in drafts:
        for option in draft.options:
            quoted = [c.source for _, each in statements([option]) for c in each.citations]
            for source_id in dict.fromkeys(quoted):
                if source_id not in known:
                    message = f"`{option.id}` quotes `{source_id}`, and nothing says who wrote it"
                    cursor = draft.cursors[f"option {option.id}"]
                    cursor.report("no-writer", message, f"add `{source_id}` to `writers`")


def _check_touches(drafts: list[Draft]) -> None:
    names = [name.partition(" ") for draft in drafts for name in draft.cursors]
    known = [rest for kind, _, rest in names if kind in ("criterion", "ask")]
    for draft in drafts:
        for name, cursor in draft.cursors.items():
            if name.startswith(("touch ", "implied ")) and cursor.word not in known:
                message = f"`{cursor.word}` is no criterion and no question for the doctor"
                cursor.report("unknown-touch", message, near(cursor.word, known))


def _check_record_only(drafts: list[Draft], bank: Bank) -> None:
    for draft in drafts:
        for criterion in draft.criteria:
            for link_id in sorted(items_in(criterion.condition)):
                if bank.items[link_id].record_only:
                    message = f"`{criterion.id}` reads `{link_id}`, which is for the record only"
                    cursor = draft.cursors[f"criterion {criterion.id}"]
                    cursor.report("record-only", message, "take `record_only` from the item")


class _Outcomes:
    """The order of outcomes lets nothing grave pass behind something favourable."""

    def __init__(self, drafts: list[Draft]) -> None:
        self._draft, self._drafts = drafts[0], drafts
        self._decision_list = [o for o in self._draft.outcomes if o.trigger not in APART]
        self._favourable = {cursor.word for cursor in self._draft.favourable}

    def check(self) -> None:
        if "outcomes" not in self._draft.fields:
            for name in ("best", "favourable"):
                if name in self._draft.fields:
                    message = f"`{name}` has nothing to order where there are no `outcomes`"
                    self._draft.fields[name].report("unfit-field", message, "add `outcomes`")
            return
        for name in ("best", "favourable"):
            if name not in self._draft.fields:
                self._draft.root.report_missing(name, "`outcomes` need it")
        self._check_lists()
        self._check_once()
        if self._complete:
            self._check_last()
            self._check_order()
            tiers = {criterion.tier for draft in self._drafts for criterion in draft.criteria}
            described = [_DESCRIBED] if Tier.DESCRIBED in tiers else []
            for trigger, tier in (*_GRAVE, *described):
                self._check_before_favourable(trigger, tier)

    @property
    def _complete(self) -> bool:
        """True if every outcome could be read, so that a missing one is really missing."""
        return len(self._draft.fields["outcomes"].keys()) == len(self._draft.outcomes)

    def check_reachable(self) -> None:
        """Report outcomes that no criterion leads to, and criteria that lead to no outcome."""
        for outcome in self._decision_list:
            self._check_reachable(outcome)
        placed = {outcome.tier for outcome in self._decision_list}
        cautions = [(d, c) for d in self._drafts for c in d.criteria if c.tier is Tier.CAUTION]
        if self._decision_list and cautions and Tier.CAUTION not in placed:
            draft, caution = cautions[0]
            message = f"`{caution.id}` is a caution, and no outcome is reached by `any caution`"
            draft.cursors[f"criterion {caution.id}"].report("unsafe-outcomes", message, "add one")

    def _cursor(self, outcome: Outcome) -> Cursor:
        return self._draft.cursors[f"outcome {outcome.id}"]

    def _check_last(self) -> None:
        if not self._decision_list or self._decision_list[-1].trigger is not Trigger.OTHERWISE:
            message = "no outcome is left for those whom nothing above concerns"
            hint = "the last one (before `when: open`) has `when: otherwise`"
            self._draft.fields["outcomes"].report("no-otherwise", message, hint)

    def _check_once(self) -> None:
        counts = Counter((o.trigger, o.tier) for o in self._draft.outcomes)
        for outcome in self._draft.outcomes:
            if counts[outcome.trigger, outcome.tier] > 1:
                message = "two outcomes have the same `when`, so one is never reached"
                self._cursor(outcome).report("unreachable-outcome", message, "delete one of them")

    def _check_lists(self) -> None:
        opened = [o.id for o in self._draft.outcomes if o.trigger in APART]
        names = [name.partition(" ") for name in self._draft.cursors]
        known = [rest for kind, _, rest in names if kind == "outcome" and rest not in opened]
        for cursors in (self._draft.best, self._draft.favourable):
            for position, cursor in enumerate(cursors):
                if cursor.text() is not None and cursor.word not in known:
                    message = f"unknown outcome `{cursor.word}`"
                    cursor.report("unknown-outcome", message, near(cursor.word, known))
                if cursor.word in [each.word for each in cursors[:position]]:
                    message = f"`{cursor.word}` is here twice"
                    cursor.report("repeated-part", message, "keep one of them")

    def _check_order(self) -> None:
        """The first that holds wins, so a better one must not come before a worse one."""
        best = [cursor.word for cursor in self._draft.best]
        decision_list = [outcome.id for outcome in reversed(self._decision_list)]
        if (
            "best" in self._draft.fields
            and set(best) <= set(decision_list)
            and best != decision_list
        ):
            hint = "with these outcomes it is " + ", ".join(f"`{each}`" for each in decision_list)
            message = "`best` and `outcomes` put the results in different orders"
            self._draft.fields["best"].report("wrong-order", message, hint)
        first = decision_list[: len(self._favourable)]
        if self._favourable <= set(decision_list) and self._favourable != set(first):
            message = "the favourable outcomes are not the best ones"
            hint = "they are the first of `best`, without a gap"
            self._draft.fields["favourable"].report("unsafe-outcomes", message, hint)

    def _check_reachable(self, outcome: Outcome) -> None:
        tiers = {criterion.tier for draft in self._drafts for criterion in draft.criteria}
        tier = outcome.looks_at
        if tier is not None and tier not in tiers:
            message = f"no criterion has the tier {tier.value}, so `{outcome.id}` is never reached"
            self._cursor(outcome).report(
                "unreachable-outcome", message, "add such a criterion, or delete it"
            )

    def _check_before_favourable(self, trigger: Trigger, tier: Tier | None) -> None:
        """A grave trigger needs an unfavourable outcome above every favourable one."""
        places = [i for i, o in enumerate(self._decision_list) if o.id in self._favourable]
        first = min(places, default=len(self._decision_list))
        above = {(o.trigger, o.tier) for o in self._decision_list[:first]}
        if (trigger, tier) not in above:
            word = _WORDS[trigger, tier]
            message = f"no outcome with `when: {word}` comes before the favourable ones"
            hint = "otherwise such a result could pass for a favourable one"
            self._draft.fields["outcomes"].report("unsafe-outcomes", message, hint)


_WORDS: dict[tuple[Trigger, Tier | None], str] = {
    meaning: word for word, meaning in TRIGGERS.items()
}
_GRAVE = (
    (Trigger.ANY, Tier.EMERGENCY),
    (Trigger.ANY, Tier.URGENT),
    (Trigger.ANY, Tier.EXCLUSION),
    (Trigger.REQUIRED_IS_FALSE, None),
)
_DESCRIBED = (Trigger.DESCRIBED_IS_FALSE, None)
"""Needed only where a criterion has the tier: older rules have none."""
