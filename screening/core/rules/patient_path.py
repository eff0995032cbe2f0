"""The way of patients through the questions, where it differs from the order of the questions."""

from dataclasses import dataclass

from screening.core.rules.item import Item, Section

REPORT = "scan-report"
"""The id of the question for the report; no item has one with a hyphen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientPath:
    """What patients are asked before the other questions, and what they are asked only then.

    ``first`` is the item right after the emergency signs. ``report`` asks, where its ``ask_if``
    holds, for the papers that the patient has at hand; it decides nothing. Both are shown under
    ``section``. Without the papers nothing is put that only they or a clinician can tell, and none
    of ``with_report``. All of it is presentation: what is not put is unknown.
    """

    section: Section
    first: str
    report: Item
    with_report: frozenset[str] = frozenset()
