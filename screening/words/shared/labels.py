"""Single words for what the core tells apart."""

from screening.core.results.assess import Severity
from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Status, Strength, Tier
from screening.core.values.answer import AbsentReason
from screening.core.values.citation import Basis
from screening.core.values.referral import Priority
from screening.core.values.truth import Truth
from screening.translation import Phrases

TRUTH_WORDS = Phrases(
    {
        Truth.TRUE: "met",
        Truth.FALSE: "not met",
        Truth.UNKNOWN: "not known yet",
    }
)
TIER_WORDS = Phrases(
    {
        Tier.EMERGENCY: "emergency sign",
        Tier.URGENT: "needs clinician review",
        Tier.EXCLUSION: "reason against",
        Tier.REQUIRED: "requirement",
        Tier.DESCRIBED: "description",
        Tier.CAUTION: "caution",
        Tier.INFO: "preparation",
    }
)
STRENGTH_WORDS = Phrases(
    {
        Strength.MUST: "must",
        Strength.GOOD_CANDIDATES: "good candidates",
        Strength.USUALLY: "usually",
        Strength.MORE_LIKELY: "more likely",
        Strength.MAY: "may",
        Strength.NOT_USED: "are not used",
        Strength.USED: "are used",
        Strength.CAN: "can",
        Strength.WILL: "will",
        Strength.NEED: "need to",
        Strength.POSSIBLE: "possible",
        Strength.IN_GENERAL: "in general",
        Strength.ABSOLUTE: "absolute contraindication",
        Strength.RELATIVE: "relative contraindication",
        Strength.STATED: "stated as a fact in the source",
    }
)
SEVERITY_WORDS = Phrases(
    {
        Severity.CRITICAL: "critical",
        Severity.WARNING: "warning",
        Severity.INFO: "information",
    }
)
ABSENT_WORDS = Phrases(
    {
        AbsentReason.ASKED_UNKNOWN: "not known",
        AbsentReason.ASKED_DECLINED: "declined",
        AbsentReason.TEMP_UNKNOWN: "result pending",
        AbsentReason.NOT_ASKED: "not asked",
        AbsentReason.UNKNOWN: "unknown",
    }
)
NOT_KNOWN = Phrases({AbsentReason.ASKED_UNKNOWN: "I do not know"})
SENSITIVE_WORDS = Phrases({AbsentReason.ASKED_DECLINED: "I would rather not say"})
"""The words that offer the patient not to answer, and repeat that afterwards."""
BASIS_WORDS = Phrases(
    {
        Basis.READ_WHOLE: "read whole",
        Basis.READ_PART: "read in part",
        Basis.SECONDARY: "second-hand: not checked against the original",
    }
)
PRIORITY_LABELS = Phrases(
    {
        Priority.URGENT: "urgent",
        Priority.SOON: "soon",
        Priority.ROUTINE: "routine",
    }
)
"""As a page says it; files and forms have ``core.referral.PRIORITY_WORDS``."""
WHO_WORDS = Phrases(
    {
        Finder.PATIENT: "the patient",
        Finder.REPORT: "the imaging report",
        Finder.RECORDS: "the referral or records",
        Finder.CLINICIAN: "the examining clinician",
        Finder.OPERATOR: "the procedure team",
    }
)
STATUS_WORDS = Phrases(
    {
        Status.DRAFT: "draft",
        Status.ACTIVE: "active",
        Status.RETIRED: "retired",
    }
)
