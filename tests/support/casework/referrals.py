"""Made-up referrals for tests."""

from dataclasses import replace
from typing import Any

from screening.core.values.referral import Priority, Referral


def referral(**changes: Any) -> Referral:  # noqa: ANN401 - fields of several types
    usual = Referral(
        reference="R-1",
        person="Ann Example",
        birth_year=1950,
        clinic="Spine clinic",
        priority=Priority.ROUTINE,
    )
    return replace(usual, **changes)
