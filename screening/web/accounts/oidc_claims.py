"""The claims of an OpenID Connect provider about a person, and which of them are believed.

Only issuer and subject say who somebody is. An email address counts if it is verified, which
providers say in different ways; ``preferred_username`` and ``upn`` never count, because people or
their administrators choose them and nobody verifies them.

Source: OpenID Connect Core 1.0, sections 2 and 5.7; Microsoft identity platform, optional claims
(``xms_edov``: the owner of the address's domain is verified).
"""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from screening.records.installation.settings import SettingsError
from screening.records.people.identities import LONGEST, Identity
from screening.records.people.people import normal_email

DOMAINS = "SCREENING_OIDC_DOMAINS"
_DOMAIN_VERIFIED = (True, 1, "1", "true")
"""As Microsoft's provider writes ``xms_edov``."""
_OF_EVERYBODY = frozenset(
    {
        *("common", "organizations", "consumers"),
        "9188040d-6c67-4c5b-b112-36a304b66dad",  # Microsoft's personal accounts
    }
)
_HOSTS_OF_EVERYBODY = frozenset({"accounts.google.com", "appleid.apple.com"})


def identity_of(claims: Mapping[str, Any]) -> Identity | None:
    """A person as the provider knows them."""
    issuer, subject = claims.get("iss"), claims.get("sub")
    if isinstance(issuer, str) and isinstance(subject, str):
        fits = all(0 < len(each) <= LONGEST and "\0" not in each for each in (issuer, subject))
        return Identity(issuer, subject) if fits else None
    return None


def verified_address(claims: Mapping[str, Any], domains: Collection[str]) -> str | None:
    """The email address, if it is verified or of a trusted domain and nothing says otherwise."""
    address = claims.get("email")
    if not isinstance(address, str) or address.count("@") != 1 or not address.isprintable():
        return None
    verified, domain_verified = claims.get("email_verified"), claims.get("xms_edov")
    if verified is not None:
        believed = verified is True
    elif domain_verified is not None:
        believed = domain_verified in _DOMAIN_VERIFIED
    else:
        believed = _domain(address) in domains
    return normal_email(address) if believed else None


def read_domains(text: str, issuer: str) -> frozenset[str]:
    """The domains whose addresses are the organisation's own, when the issuer names one.

    Raises:
        SettingsError: if one is no domain, or if everybody can have an account with the issuer, who
            could then name any address.
    """
    domains = frozenset(text.casefold().replace(",", " ").split())
    if any("@" in each or "." not in each.strip(".") for each in domains):
        raise SettingsError(DOMAINS, "domains such as clinic.example, with spaces between them")
    parts = urlsplit(issuer)
    shared = parts.hostname in _HOSTS_OF_EVERYBODY or set(parts.path.split("/")) & _OF_EVERYBODY
    if domains and shared:
        raise SettingsError(DOMAINS, "left out unless the issuer serves one organisation alone")
    return domains


def _domain(address: str) -> str:
    return normal_email(address).rpartition("@")[2]
