"""What was proved of a ruleset, in plain sentences that an auditor understands."""

from dataclasses import dataclass

from screening.proof.audit import Audit
from screening.proof.prove import Proof

_CASES = {
    "unsafe-outcome": (
        "sign, reason, requirement or description",
        "signs, reasons, requirements and descriptions",
    ),
    "broken-limit": ("limit", "limits"),
    "contradiction": ("rule of consistency", "rules of consistency"),
    "hidden-sign": ("emergency or urgent sign", "emergency and urgent signs"),
    "worse-is-better": ("question with a worse answer", "questions with a worse answer"),
    "not-monotone": ("result, of a criterion or the whole", "results, of criteria and the whole"),
    "not-exact": ("criterion", "criteria"),
    "no-outcome": ("outcome", "outcomes"),
    "unreachable": ("outcome", "outcomes"),
    "stuck-criterion": ("criterion", "criteria"),
    "idle-item": ("question", "questions"),
    "same-criterion": ("pair that shares a question", "pairs that share a question"),
    "dead-branch": ("change to a part of a condition", "changes to parts of conditions"),
    "idle-threshold": ("threshold", "thresholds"),
    "span": ("test of a span", "tests of spans"),
    "window": ("length of time", "lengths of time"),
}
SAFETY = frozenset(
    {"unsafe-outcome", "broken-limit", "contradiction", "hidden-sign", "worse-is-better"}
)
"""The codes of what protects a patient; the other statements protect the rules from themselves."""


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One statement with the cases that it was proved for."""

    code: str
    statement: str
    count: int
    cases: str

    @property
    def safety(self) -> bool:
        """Whether it protects a patient."""
        return self.code in SAFETY


def proof_lines(audit: Audit) -> list[ProofLine]:
    """The statements that hold, in the order in which they were proved."""
    return [_line(proof) for proof in audit.report.proofs]


def scope_sentences(audit: Audit) -> list[str]:
    """Of how many answers the statements hold, and how that can be known."""
    return [
        (
            f"The rules can tell {audit.complete:,} complete sets of answers apart, and"
            f" {audit.partial:,} once any question may be left open."
        ),
        (
            f"Every statement was proved for all of them at once, on diagrams with {audit.nodes:,}"
            " nodes; none was tried on samples."
        ),
    ]


def _line(proof: Proof) -> ProofLine:
    one, many = _CASES[proof.code]
    return ProofLine(proof.code, proof.statement, proof.count, one if proof.count == 1 else many)
