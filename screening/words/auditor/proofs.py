"""Proofs of a ruleset, in plain sentences that an auditor understands."""

from dataclasses import dataclass

from screening.proof.checks.proof_run import ProofRun
from screening.proof.checks.prove import Proof
from screening.translation import Phrases, gettext, mark_plural, ngettext

STATEMENTS = Phrases(
    {
        "unsafe-outcome": (
            "No favourable outcome is reached while an emergency sign, an urgent sign or a"
            " reason against is met or not known, or while a requirement or a description is"
            " not met or not known."
        ),
        "broken-limit": "No favourable outcome is reached while a limit is or might be broken.",
        "contradiction": (
            "No favourable outcome is reached over answers that contradict each other,"
            " whatever else is answered."
        ),
        "hidden-sign": (
            "While an emergency sign is met, its own outcome is reached. While an urgent sign is"
            " met, its own outcome is reached, or that of an emergency sign."
        ),
        "worse-is-better": "No answer that is marked as worse ever leads to a better outcome.",
        "not-monotone": (
            "A further answer never changes a finding or an outcome that was settled without it."
        ),
        "not-exact": "A criterion is settled if every way to complete the answers agrees on it.",
        "no-outcome": "Every complete set of answers has exactly one outcome.",
        "unreachable": "Every outcome is reached with some answers.",
        "stuck-criterion": (
            "Every criterion is met with some answers, not met with some, and not known with some."
        ),
        "idle-item": "Every question that the criteria use can change one of them.",
        "same-criterion": (
            "No two criteria are equal, and none follows from another unless the file says so."
        ),
        "dead-branch": "Every part of every condition can make the difference.",
        "idle-threshold": "Every threshold of a number or a date makes a difference.",
        "span": "A date that is a span of days settles a test only if every day of the span would.",
        "window": "A time window is open up to and on its last day, and on no day after it.",
    }
)
"""By code, what is proved."""


_CASES = {
    "unsafe-outcome": mark_plural(
        "sign, reason, requirement or description",
        "signs, reasons, requirements and descriptions",
    ),
    "broken-limit": mark_plural("limit", "limits"),
    "contradiction": mark_plural("rule of consistency", "rules of consistency"),
    "hidden-sign": mark_plural("emergency or urgent sign", "emergency and urgent signs"),
    "worse-is-better": mark_plural("question with a worse answer", "questions with a worse answer"),
    "not-monotone": mark_plural(
        "result, of a criterion or the whole", "results, of criteria and the whole"
    ),
    "not-exact": mark_plural("criterion", "criteria"),
    "no-outcome": mark_plural("outcome", "outcomes"),
    "unreachable": mark_plural("outcome", "outcomes"),
    "stuck-criterion": mark_plural("criterion", "criteria"),
    "idle-item": mark_plural("question", "questions"),
    "same-criterion": mark_plural("pair that shares a question", "pairs that share a question"),
    "dead-branch": mark_plural("change to a part of a condition", "changes to parts of conditions"),
    "idle-threshold": mark_plural("threshold", "thresholds"),
    "span": mark_plural("test of a span", "tests of spans"),
    "window": mark_plural("time window", "time windows"),
}
"""By code, what was counted, without the number, which comes before it."""
SAFETY = frozenset(
    {"unsafe-outcome", "broken-limit", "contradiction", "hidden-sign", "worse-is-better"}
)
"""The codes of what protects a patient; the other statements protect the rules from themselves."""


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One statement with the cases that it was proved for, such as “3 limits”."""

    code: str
    statement: str
    count: int
    cases: str

    @property
    def safety(self) -> bool:
        """True if it protects a patient."""
        return self.code in SAFETY


def proof_lines(audit: ProofRun) -> list[ProofLine]:
    """The statements that hold, in the order in which they were proved."""
    return [_line(proof) for proof in audit.report.proofs]


def scope_sentences(audit: ProofRun) -> list[str]:
    """Of how many answers the statements hold, and how that can be known."""
    return [
        gettext(
            "The rules can tell {complete} complete sets of answers apart, and {partial} once any"
            " question may be left open.",
            complete=f"{audit.complete:,}",
            partial=f"{audit.partial:,}",
        ),
        gettext(
            "Every statement was proved for all of them at once, on diagrams with {nodes} nodes;"
            " none was tried on samples.",
            nodes=f"{audit.nodes:,}",
        ),
    ]


def _line(proof: Proof) -> ProofLine:
    cases = ngettext(*_CASES[proof.code], proof.count)
    return ProofLine(proof.code, STATEMENTS[proof.code], proof.count, cases)
