"""The data dictionary: every table and column of the database, from the code that maps them.

Usage: PYTHONPATH=tests python -m support.data_dictionary

It writes docs/data-dictionary.md
"""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Column, LargeBinary, String, Table

from screening.records.ledger.covered import EXEMPT
from screening.records.operation.table_copy import FLEETING
from screening.records.storage.account_tables import users_sites
from screening.records.storage.tables import Base

TABLES = users_sites.metadata.tables  # those of accounts too
FILE = Path(__file__).parents[2] / "docs" / "data-dictionary.md"
COMMAND = "PYTHONPATH=tests python -m support.data_dictionary"
HEAD = f"""# Data dictionary

Every table and every column of the database, as the program maps them.
`{COMMAND}` writes this page, and
`tests/repo/test_hospital_documents.py` compares it with the tables.

*Sealed* is encrypted under the key of the case, and padded. A *token* is a keyed hash, from which
nobody without the keyring can tell what it is made of. All else can be read by anybody who can read
the database. Moments are text, in UTC. The README says what somebody can find out from them.
"""
LIBRARY = "of the sign-in library (Flask-Security)"
OF_TABLES = {
    "roles_users": "The roles of an account.",
    "users_sites": "The sites of an account.",
}
SEALED = {
    "answers.sealed": "the question, its answer or its withdrawal, and how it came in",
    "assessments.sealed": "the answers, the result with its trace, and the reasons",
    "case_notes.sealed": "the note and its subject",
    "cases.sealed": "name, reference, birth year, hospital number (FHIR `Identifier` of type "
    "`MR`), date received, and the summary that the worklist shows",
    "emergency_accesses.sealed": "the note of the person who opened it",
    "emergency_tries.sealed": "the reference that was searched for, under a key of its own",
    "reviews.sealed": "the reason and note of the decision",
}
TOKENS = {
    "answers.link_id": "the question",
    "chases.link_id": "the question",
    "case_words.token": "a reference, a hospital number, or a part of a name",
}
MEANINGS = {
    "access_id": "the emergency access",
    "action": "the change: rights, a link, a second factor, and so on",
    "active": "whether the person can sign in",
    "approved_by": "the account that approved; empty for a proposal",
    "as_of": "the screening date",
    "assessment_id": "the assessment",
    "assigned_to": "the account that the case is assigned to; empty if assigned to nobody",
    "at": "when",
    "by": "the account that did it; 0 is the command line",
    "case_id": "the case",
    "case_version": "the version of the case that was assessed",
    "change": "what was changed in an account or site, before and after, as JSON",
    "clinic": "the referring clinic",
    "content": "roles and sites before and after, as JSON",
    "content_digest": "SHA-256 of the content, salted",
    "created_at": "when it was added",
    "created_by": "the account that added it",
    "decision": "the decision, in one word",
    "digest": "SHA-256 of the row",
    "due": "the due date",
    "email": "the address that the person signs in with",
    "erased_at": "when it was erased",
    "expires_at": "when it ends",
    "figures": "counts and times, as /metrics shows them",
    "finding": "the finding of the check, in one word",
    "hash": "SHA-256 of the event and the one before it",
    "how": "the same word in every row; it is sealed",
    "id": "its id",
    "issuer": "the address of the provider",
    "key_id": "the key of the keyring that wraps it",
    "kind": "the kind of event or write",
    "letter_foot": "what the site prints at the foot of its letters",
    "letter_head": "what the site prints at the head of its letters",
    "mac": "a MAC of the event, by a secret of the keyring",
    "name": "its name",
    "number": "its number, from 1 on",
    "owner": "who has to find out, in one word",
    "owner_id": "the account that has to find out",
    "previous": "the hash of the event before it",
    "priority": "the priority of the referral",
    "process": "the process",
    "proposal": "the number of the first step of the change",
    "proposed_by": "the account that proposed",
    "reason": "the reason, in one word",
    "result": "the outcome of the write",
    "row": "the name of the row that was written",
    "ruleset_digest": "the rules",
    "ruleset_id": "the name of the rules",
    "ruleset_version": "their version",
    "seq": "the number of the event",
    "site_id": "the site",
    "started_at": "when the person signed in",
    "state": "new, screening, assessed, decided or closed",
    "step": "proposed, approved, refused and so on",
    "subject": "the provider's name for the account",
    "texts": "the rule files",
    "time_zone": "the time zone of its day; empty for that of the installation",
    "touched_at": "when it was last changed",
    "touched_by": "the account that changed it last",
    "user_id": "the account",
    "value": "its value",
    "version": "the number of the write",
    "waits_for": "who has to find out what is due first, in one word",
    "wrapped": "the key, encrypted by a key of the keyring; empty once it is destroyed",
    "case_notes.number": "its number in the case, from 1 on",
    "known_browsers.browser": "SHA-256 of what the cookie holds",
    "once.key": "the key of the form, so that it is saved once only",
    "passkeys.credential_id": "the id of the passkey",
    "passkeys.public_key": "its public key",
    "passkeys.name": "the name that the person gave it",
    "reviews.reason": "the same word in every row; the reason is sealed",
    "rulesets.digest": "SHA-256 of the rules",
    "secrets.wrapped": "the key, encrypted by a key of the keyring",
    "sessions.data": "the session, with a MAC by the signing secret",
    "sessions.id": "SHA-256 of what the cookie holds",
    "tries.key": "a keyed hash of the browser, account or network address that it counts for",
    "users.id": "its number",
    "users.name": "the name of the person",
    "users.password": "the hash of the password (Argon2id)",
    "users.tf_totp_secret": "the secret of the authenticator app, encrypted",
    "users.mf_recovery_codes": "recovery codes, encrypted",
    "roles_users.role_id": "the role",
}
"""Meanings by column, or by table and column where they differ."""
OF_THE_LIBRARY = frozenset({"passkeys", "roles", "users"})


def page() -> str:
    """The page as it should be."""
    tables = [TABLES[name] for name in sorted(TABLES)]
    return "\n".join([HEAD, *(line for table in tables for line in _section(table))])


def _section(table: Table) -> Iterator[str]:
    covered = "not covered" if table.name in EXEMPT else "covered"
    kept = "not in backups" if table.name in FLEETING else "in backups"
    yield f"## {table.name}\n"
    yield f"{_sentence(table.name)} It is {covered} by the ledger, and {kept}.\n"
    yield "| column | type | what it holds |"
    yield "|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | {_type(column)} | {_meaning(table.name, column)} |"
    yield ""


def _sentence(table: str) -> str:
    """The first sentences of the class that maps the table."""
    if table in OF_TABLES:
        return OF_TABLES[table]
    wanted = TABLES[table]
    (mapped,) = (each for each in Base.registry.mappers if each.local_table is wanted)
    text = " ".join((mapped.class_.__doc__ or "").split("\n\n")[0].split())
    said = text.partition(": see")[0].partition(" See ``")[0].removesuffix(".") + "."
    return said.replace("``", "`")


def _type(column: "Column[object]") -> str:
    kind = next((key.column.type for key in column.foreign_keys), column.type)
    name = "bytes" if isinstance(kind, LargeBinary) else type(kind).__name__.lower()
    shown = {"instant": "moment", "string": "text", "asalist": "text"}.get(name, name)
    length = f" of {kind.length}" if isinstance(kind, String) and kind.length else ""
    return f"{shown}{length}{', may be empty' if column.nullable else ''}"


def _meaning(table: str, column: "Column[object]") -> str:
    full = f"{table}.{column.name}"
    if full in SEALED:
        return f"**sealed**: {SEALED[full]}"
    if full in TOKENS:
        return f"**token**: {TOKENS[full]}"
    if full in MEANINGS:
        return MEANINGS[full]
    if table in OF_THE_LIBRARY and column.name not in MEANINGS:
        return LIBRARY
    return MEANINGS[column.name]


if __name__ == "__main__":
    FILE.write_text(page(), "utf-8")
