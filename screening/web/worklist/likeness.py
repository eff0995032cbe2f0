"""The likeness of two referrals in words: it names the fields that agree, not what they hold."""

from screening.core.values.referral import Referral
from screening.records.case.case_rows import Case
from screening.records.worklist.bulk import same_hospital_number, same_person, same_reference
from screening.translation import gettext


def words_of_likeness(mine: Referral, other: Referral, *, same_site: bool = True) -> str:
    """The fields that two referrals of one patient have in common; empty without one.

    Args:
        mine: one of them.
        other: the other.
        same_site: whether they are of one site; each hospital has numbers of its own.
    """
    agree = {
        gettext("same reference"): same_reference(mine, other),
        gettext("same hospital number"): same_site and same_hospital_number(mine, other),
        gettext("same patient and birth year"): same_person(mine, other),
    }
    return ", ".join(words for words, true in agree.items() if true)


def words_of_alike_case(mine: Referral, site: int, case: Case) -> str:
    """The fields that a referral for a site and a case have in common, if the case can be read."""
    found = words_of_likeness(mine, case.referral, same_site=case.site_id == site)
    return found or gettext("this case cannot be read")
