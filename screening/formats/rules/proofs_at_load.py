"""Proofs at load: a ruleset with a weakness does not load, and the rule at fault is named."""

from screening.core.compiled.diagram import BudgetError
from screening.core.compiled.model import model_of
from screening.core.rules.ruleset import Ruleset
from screening.formats.rules.question_file import Bank
from screening.formats.rules.rule_file import Draft
from screening.formats.yaml.cursor import Cursor
from screening.proof.checks.prove import prove
from screening.proof.checks.weakness import Weakness
from screening.words.auditor.weaknesses import words_of_weakness
from screening.words.shared.answers import words_of_answers


def check_proofs(ruleset: Ruleset, drafts: list[Draft], bank: Bank) -> None:
    """Prove what is asked of every ruleset, and report each weakness at its rule.

    Args:
        ruleset: free of every mistake that lint knows, with outcomes.
        drafts: the files that it was read from, its own first.
        bank: the question bank.
    """
    try:
        report = prove(model_of(ruleset), ruleset.parts[0].effective_from)
    except BudgetError as error:
        drafts[0].root.report("too-entangled", str(error))
        return
    for weakness in report.weaknesses:
        cursor = _place(weakness, drafts, bank)
        cursor.report(weakness.code, words_of_weakness(weakness), _shown_by(weakness, ruleset))


def _place(weakness: Weakness, drafts: list[Draft], bank: Bank) -> Cursor:
    if weakness.kind == "item":
        return bank.cursors[weakness.subject]
    name = f"{weakness.kind} {weakness.subject}"
    found = [draft.cursors[name] for draft in drafts if name in draft.cursors]
    return found[0] if found else drafts[0].root


def _shown_by(weakness: Weakness, ruleset: Ruleset) -> str:
    if weakness.patient is None:
        return ""
    patient = words_of_answers(weakness.patient, ruleset.items)
    return f"shown by: {patient or 'a patient of whom nothing is known'}"
