"""Every setting of the environment: its name, what it is for, and its default.

The code reads them where they are used; ``tests/repo/test_settings.py`` compares the names with
this list, and the defaults with those of the code.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

PREFIX = "SCREENING_"


class Entry(NamedTuple):
    """One setting; ``default`` is in words, and ``secret`` says that its value is shown nowhere."""

    name: str
    meaning: str
    default: str
    secret: bool = False


class Group(NamedTuple):
    """Settings that belong together."""

    title: str
    settings: tuple[Entry, ...]


GROUPS = (
    Group(
        "Where records and keys are",
        (
            Entry(
                "SCREENING_DATA",
                "the folder with the database, keys, secrets and signed heads",
                "~/.local/share/screening",
            ),
            Entry(
                "DATABASE_URL",
                "the address of the database: SQLite or PostgreSQL",
                "screening.db in the folder",
                secret=True,
            ),
            Entry(
                "SCREENING_SECRET_KEY",
                "the signing secret for cookies and links, at least 32 random characters",
                "the file secret in the folder",
                secret=True,
            ),
            Entry("SCREENING_KEYS", "the keyring itself", "the file of the keyring", secret=True),
            Entry("SCREENING_KEYS_FILE", "the file of the keyring", "keys.json in the folder"),
            Entry(
                "SCREENING_KEY_COMMAND",
                "a command that prints the keyring from a key store, run every 30 seconds",
                "none",
                secret=True,
            ),
            Entry(
                "SCREENING_KEY_STORE_COMMAND",
                "a command that takes a new keyring on standard input",
                "none; new keyrings are printed",
                secret=True,
            ),
            Entry(
                "SCREENING_CACHE",
                "off: `assess` and `rules` neither read nor keep rules in ~/.cache/screening",
                "on",
            ),
        ),
    ),
    Group(
        "Signing in",
        (
            Entry(
                "SCREENING_SESSION_IDLE_MINUTES",
                "minutes without a request after which somebody is signed out",
                "15",
            ),
            Entry(
                "SCREENING_SESSION_MINUTES",
                "minutes after which people have to sign in again, even if they are active",
                "480",
            ),
            Entry(
                "SCREENING_REQUIRE_SECOND_FACTOR",
                "1: everybody has to set up a second factor",
                "0, or 1 with --production",
            ),
            Entry(
                "SCREENING_OIDC_ISSUER",
                "the address of the OpenID provider for single sign-on",
                "none; people sign in here",
            ),
            Entry("SCREENING_OIDC_CLIENT_ID", "this server's client id at the provider", "none"),
            Entry(
                "SCREENING_OIDC_CLIENT_SECRET",
                "this server's client secret at the provider",
                "none",
                secret=True,
            ),
            Entry(
                "SCREENING_OIDC_NAME",
                "the provider's name on the sign-in page",
                "your organisation",
            ),
            Entry(
                "SCREENING_OIDC_DOMAINS",
                "email domains that the provider need not call verified, separated by commas",
                "none",
            ),
        ),
    ),
    Group(
        "Emergencies, accounts and retention",
        (
            Entry(
                "SCREENING_EMERGENCY_NUMBER",
                "the number that patients call in an emergency, such as 999; one tap calls it; an "
                "installation has one, since pages for patients belong to no site",
                "none; pages say “your local emergency number”",
            ),
            Entry(
                "SCREENING_EMERGENCY_MINUTES",
                "minutes for which a case of another site stays open in an emergency",
                "60",
            ),
            Entry(
                "SCREENING_EMERGENCY_CASES",
                "cases of other sites that one person can open in emergencies within 24 hours",
                "5",
            ),
            Entry(
                "SCREENING_EMERGENCY_TRIES",
                "emergency searches without a match that one person can make within 24 hours",
                "10",
            ),
            Entry(
                "SCREENING_NEW_ACCOUNT_DAYS",
                "days for which a new account counts as the administrator who added it",
                "30",
            ),
            Entry(
                "SCREENING_UNUSED_DAYS",
                "days without a sign-in after which an access review lists an account as unused",
                "90",
            ),
            Entry(
                "SCREENING_RETENTION_DAYS",
                "days without a change after which `screening retention` erases a case",
                "none; no case is erased",
            ),
            Entry(
                "SCREENING_TIME_ZONE",
                "the time zone of sites without one of their own, such as Europe/London",
                "that of the machine",
            ),
        ),
    ),
    Group(
        "Signed heads, metrics and reports",
        (
            Entry("SCREENING_HEADS_FOLDER", "the folder of heads.jsonl", "that of SCREENING_DATA"),
            Entry("SCREENING_HEADS_MINUTES", "minutes after which a head is signed", "60"),
            Entry("SCREENING_HEADS_EVENTS", "events after which a head is signed", "25"),
            Entry(
                "SCREENING_HEADS_SYSLOG",
                "the syslog server that gets heads: HOST:PORT, or a path",
                "none",
            ),
            Entry("SCREENING_WITNESS", "the address of the witness on another machine", "none"),
            Entry(
                "SCREENING_METRICS_TOKEN",
                "lets programs on other machines read /metrics",
                "none; only this machine can",
                secret=True,
            ),
            Entry(
                "SCREENING_SECURITY_CONTACT",
                "where to report a weakness, for /.well-known/security.txt: mailto:… or https://…",
                "none; there is no such page",
            ),
        ),
    ),
)

SETTINGS = {each.name: each for group in GROUPS for each in group.settings}


def misspelt(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The names that look like settings and are none, each with the nearest setting, or ""."""
    strange = sorted(name for name in names if name.startswith(PREFIX) and name not in SETTINGS)
    if strange:
        from difflib import get_close_matches  # noqa: PLC0415 - slow to load, for a rare case

        for name in strange:
            yield name, next(iter(get_close_matches(name, SETTINGS, n=1)), "")
