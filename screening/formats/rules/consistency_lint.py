"""Faults of the rules of consistency of a ruleset as a whole."""

from collections.abc import Iterator

from screening.core.rules.condition import items_in
from screening.core.rules.consistency import Consistency, Order, linked_dates, pairs_of
from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Tier, Trigger
from screening.formats.rules.question_file import Bank
from screening.formats.rules.rule_file import Draft
from screening.formats.yaml.cursor import Cursor


def lint_consistency(drafts: list[Draft], bank: Bank) -> None:
    """Report, at their cursors, the mistakes of the rules and of what is beside them together."""
    rules = [(draft.cursors[f"consistency {rule.id}"], rule) for draft, rule in _rules(drafts)]
    for cursor, rule in rules:
        if isinstance(rule.check, Order):
            _check_dates(cursor, rule, bank)
    _check_circles(rules)
    _check_outcome(drafts, rules)
    _check_shown(drafts, bank)


def units_together(drafts: list[Draft]) -> dict[str, str]:
    """Date to the one that represents all dates whose cut-offs it shares."""
    pairs = pairs_of(rule for _, rule in _rules(drafts))
    return {link_id: min(group) for group in linked_dates(pairs) for link_id in group}


def _rules(drafts: list[Draft]) -> Iterator[tuple[Draft, Consistency]]:
    return ((draft, rule) for draft in drafts for rule in draft.consistency)


def _check_dates(cursor: Cursor, rule: Consistency, bank: Bank) -> None:
    for link_id in sorted(rule.items):
        item = bank.items[link_id]
        if item.ask_if is not None:
            message = f"`{link_id}` is in an order, and is not always asked"
            cursor.report("gated-date", message, "use `shown_if` in place of `ask_if`")
        if item.record_only:
            message = f"`{link_id}` is in an order, and is for the record only"
            cursor.report("record-only", message, "take `record_only` from the item")


def _check_circles(rules: list[tuple[Cursor, Consistency]]) -> None:
    """No date may come before itself: each order is added to those before it."""
    kept: list[Consistency] = []
    for cursor, rule in rules:
        if isinstance(rule.check, Order):
            pairs = pairs_of([*kept, rule])
            before: dict[str, set[str]] = {each: set() for pair in pairs for each in pair}
            for _ in before:
                for earlier, later in pairs:
                    before[later] |= {earlier, *before[earlier]}
            if any(each in others for each, others in before.items()):
                message = "with the orders above it, this puts a date before itself"
                cursor.report("order-circle", message, "turn it round, or delete it")
                continue
            kept.append(rule)


def _check_outcome(drafts: list[Draft], rules: list[tuple[Cursor, Consistency]]) -> None:
    """A ruleset that can find contradictions has words for their result, and no other has."""
    own = drafts[0]
    named = [each for each in own.outcomes if each.trigger is Trigger.CONTRADICTION]
    if rules and "outcomes" in own.fields and not named:
        message = "no outcome is left for answers that contradict each other"
        own.fields["outcomes"].report("no-contradiction", message, "add `when: contradiction`")
    if named and not rules:
        cursor = own.cursors[f"outcome {named[0].id}"]
        message = "nothing leads to it: there is no `consistency` rule"
        cursor.report("unreachable-outcome", message, "add a rule, or delete it")


def _check_shown(drafts: list[Draft], bank: Bank) -> None:
    """An emergency sign is always shown, and never waits: what nobody sees, nobody answers."""
    signs = _signs(drafts, Tier.EMERGENCY)
    for link_id in sorted(signs & bank.can_wait_cursors.keys()):
        message = f"`{link_id}` is an emergency sign, so not knowing it is a warning"
        bank.can_wait_cursors[link_id].report("waiting-sign", message, "remove `can_wait`")
    for link_id in sorted(signs & bank.shown_if_cursors.keys()):
        message = f"`{link_id}` is an emergency sign, which is always shown"
        bank.shown_if_cursors[link_id].report("hidden-sign", message, "leave `shown_if` out")
    for link_id in sorted(_told_by_patients(drafts, bank) & bank.unasked_cursors.keys()):
        message = f"`{link_id}` is a warning sign, so patients are always asked"
        bank.unasked_cursors[link_id].report("hidden-sign", message, "ask it of every patient")


def _signs(drafts: list[Draft], tier: Tier) -> set[str]:
    return {
        link_id
        for draft in drafts
        for criterion in draft.criteria
        if criterion.tier is tier
        for link_id in items_in(criterion.condition)
    }


def _told_by_patients(drafts: list[Draft], bank: Bank) -> set[str]:
    """The emergency signs, and the urgent ones that patients themselves can tell."""
    urgent = _signs(drafts, Tier.URGENT)
    own = {each for each in urgent if bank.items[each].usual_finder is Finder.PATIENT}
    return _signs(drafts, Tier.EMERGENCY) | own
