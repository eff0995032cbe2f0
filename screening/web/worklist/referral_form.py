"""The form of a referral: what was typed, what of it is unfit, and the referral that it makes."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from screening.core.values.referral import PRIORITY_WORDS, Priority, Referral
from screening.formats.referrals.text import (
    FIELDS,
    UnfitError,
    read_referral,
    texts_of,
)
from screening.translation import gettext, mark
from screening.web.forms.error_summary import Mistake
from screening.words.shared.labels import PRIORITY_LABELS

NO_SITE = UnfitError("missing", mark("Choose the site whose nurses see the case"))
OTHER_SITE = UnfitError(
    "unknown", mark("You opened this form for a site where you no longer work. Choose the site")
)
_WAS = "was-"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralForm:
    """A referral as it was typed."""

    texts: Mapping[str, str]
    unfit: Mapping[str, UnfitError]
    referral: Referral | None
    site: int | None = None

    @classmethod
    def empty(cls) -> "ReferralForm":
        """Nothing typed yet."""
        return cls(texts=dict.fromkeys(FIELDS, ""), unfit={}, referral=None)

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "ReferralForm":
        """Texts of a referral that is there already, to be changed."""
        return cls(texts=texts, unfit={}, referral=None)

    @classmethod
    def read(
        cls, posted: Mapping[str, str], today: dt.date, sites: list[tuple[int, str]] | None = None
    ) -> "ReferralForm":
        """Read a posted form; where there are sites, it says for which of them it is."""
        texts = {name: posted.get(name, "") for name in FIELDS}
        referral, unfit = read_referral(texts, today)
        site = chosen_site(posted, sites or [])
        if sites is not None and site is None:
            fault = OTHER_SITE if posted.get("site") else NO_SITE
            unfit, referral = {**unfit, "site": fault}, None
        return cls(texts=texts, unfit=unfit, referral=referral, site=site)

    @property
    def errors(self) -> list[Mistake]:
        """The entries of the error summary, in the order of the page."""
        return [(name, str(self.unfit[name])) for name in ("site", *FIELDS) if name in self.unfit]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Everything typed, for hidden inputs."""
        site = [("site", str(self.site))] if self.site else []
        return [*self.texts.items(), *site]

    @property
    def priorities(self) -> list[dict[str, object]]:
        """The options of the priority."""
        return [
            {
                "value": PRIORITY_WORDS[each],
                "text": PRIORITY_LABELS[each].capitalize(),
                "checked": self.texts["priority"].strip().lower() == PRIORITY_WORDS[each],
            }
            for each in Priority
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that somebody else changed while the form was open."""

    name: str
    was: str
    saved: str
    typed: str


def base_inputs(referral: Referral) -> list[tuple[str, str]]:
    """A referral as it was when its form was opened, for hidden inputs."""
    return [(_WAS + name, text) for name, text in texts_of(referral).items()]


def site_items(sites: Iterable[tuple[int, str]]) -> list[dict[str, str]]:
    """The options of a list of sites, of which none is chosen before a person does."""
    options = [{"value": str(number), "text": name} for number, name in sites]
    return [{"value": "", "text": gettext("Choose a site")}, *options]


def posted_base(posted: Mapping[str, str]) -> list[tuple[str, str]]:
    """Carry on the values that ``base_inputs`` put into a form."""
    return [(_WAS + name, posted.get(_WAS + name, "")) for name in FIELDS]


def differences(
    posted: Mapping[str, str], typed: Referral, saved: Referral
) -> tuple[Difference, ...]:
    """Changes by somebody else since the form was opened; it holds what ``base_inputs`` gave."""
    mine, theirs = texts_of(typed), texts_of(saved)
    was = {name: posted.get(_WAS + name, "") for name in FIELDS}
    return tuple(
        Difference(name=name, was=was[name], saved=theirs[name], typed=mine[name])
        for name in FIELDS
        if theirs[name] != was[name]
    )


def merge_fields(typed: Referral, found: Iterable[Difference]) -> dict[str, str]:
    """The typed fields; one that the person left alone is as somebody else has saved it."""
    untouched = {each.name: each.saved for each in found if each.typed == each.was}
    return {**texts_of(typed), **untouched}


def chosen_site(posted: Mapping[str, str], sites: Iterable[tuple[int, str]]) -> int | None:
    """The site that a form was opened for or that was chosen in it, if it is one of these.

    A form for somebody's only site carries it too: they may have moved since it was opened.
    """
    return next((site for site, _ in sites if str(site) == posted.get("site")), None)
