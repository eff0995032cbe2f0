"""The figures of docs/security.md are those of the code."""

from pathlib import Path

import pytest
from sqlalchemy import LargeBinary

from screening.core.values.answer import EARLIEST_DAY
from screening.formats.referrals.csv_table import MAX_ROWS
from screening.formats.referrals.headings import MAX_COLUMNS
from screening.records.access import Role
from screening.records.people.passwords import FEWEST_GUESSES, JUDGED, LONGEST, PRODUCT, SHORTEST
from screening.records.people.tries import Rate
from screening.records.storage.database import BUSY_MS
from screening.records.storage.tables import Base
from screening.web import MAX_BODY
from screening.web.accounts import rate_limits
from screening.web.service import server
from screening.web.worklist.import_file import MAX_UPLOAD

TEXT = " ".join((Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8").split())
README = " ".join((Path(__file__).parents[2] / "README.md").read_text("utf-8").split())
OF_A_CASE = "the clinic, priority, state and site of a case"
TO_FIND_OUT = "who has to find out a missing answer"
IN_AN_EMERGENCY = "in an emergency; the reason, and the result of the later check, in one word each"
NOT_ENCRYPTED = {
    "cases.clinic": OF_A_CASE,
    "cases.priority": OF_A_CASE,
    "cases.state": OF_A_CASE,
    "cases.site_id": OF_A_CASE,
    "cases.waits_for": TO_FIND_OUT,
    "cases.due": "all dates, including due dates",
    "chases.owner": TO_FIND_OUT,
    "chases.owner_id": TO_FIND_OUT,
    "chases.due": "all dates, including due dates",
    "assessments.as_of": "all dates",
    "assessments.ruleset_digest": "which rules computed a result",
    "reviews.decision": "each decision, in one word",
    "emergency_accesses.reason": IN_AN_EMERGENCY,
    "emergency_looks.finding": IN_AN_EMERGENCY,
    "emergency_tries.reason": IN_AN_EMERGENCY,
}
"""What is told of patients and their cases, with the words of the README."""
SAYS_NOTHING = {
    *("answers.link_id", "chases.link_id", "case_words.token"),  # tokens, keyed
    *("answers.how", "reviews.reason", "assessments.content_digest"),  # the same for all, or salted
}
WHO_WHEN_WHICH = {
    *("id", "case_id", "number", "version", "case_version", "assessment_id", "access_id", "key_id"),
    *("at", "by", "created_at", "created_by", "touched_at", "touched_by", "erased_at"),
    "assigned_to",
    *("expires_at",),
}
SPANS = {60: "a minute", 3600: "an hour", 86400: "a day"}


def words(rates: tuple[Rate, ...]) -> str:
    return ", ".join(f"{rate.most} {SPANS[int(rate.within.total_seconds())]}" for rate in rates)


@pytest.mark.parametrize(
    "said",
    [
        f"Days run from {EARLIEST_DAY.year}",
        f"| a form | {MAX_BODY // 1024} KB |",
        f"{MAX_UPLOAD:,} bytes, {MAX_ROWS:,} rows, {MAX_COLUMNS} columns",
        f"| {server.MAX_BODY // 1024**2} MB, {server.MAX_HEADER // 1024} KB of it as header |",
        f"| connections at once | {server.CONNECTIONS:,} |",
        f"signed in before: {words(rate_limits.FOR_ONE_BROWSER)}.",
        f"at one network address, for one account: {words(rate_limits.FOR_ONE_BROWSER)}.",
        f"together, for one account: {words(rate_limits.FOR_ONE_ACCOUNT)}.",
        f"for all accounts: {words(rate_limits.FROM_ONE_PLACE)}.",
        f"has {SHORTEST} to {LONGEST} characters",
        f"at least {FEWEST_GUESSES:,} guesses",
        f"judges the first {JUDGED} characters",
        f"judged: {words(rate_limits.FROM_A_FULL_PLACE)},",
        f"{24 * rate_limits.FROM_ONE_PLACE[1].most:,} guesses a day before the limit",
        f"and {200 * rate_limits.FROM_A_FULL_PLACE[1].most:,} after it",
        f"at most {rate_limits.FOR_ONE_BROWSER[2].most} a day",
        f"cannot write within {BUSY_MS // 1000} seconds",
    ],
)
def test_a_figure_is_that_of_the_code(said: str) -> None:
    assert said in TEXT


@pytest.mark.parametrize("role", Role)
def test_every_role_stands_there(role: Role) -> None:
    assert f"| {role.value.replace('-', ' ')} |" in TEXT


def test_every_word_of_the_product_that_makes_a_password_no_better_stands_there() -> None:
    listed = TEXT.partition("count for nothing in a password: ")[2].partition(", and the person")[0]
    assert frozenset(listed.split(", ")) == PRODUCT


def test_what_is_not_encrypted_of_a_case_stands_in_the_readme() -> None:
    tables = [
        table
        for name, table in Base.metadata.tables.items()
        if name.startswith(("case", "emergency_")) or "case_id" in table.c
    ]
    found = {
        f"{table.name}.{column.name}"
        for table in tables
        if table.name not in {"events", "once"}
        for column in table.c
        if not isinstance(column.type, LargeBinary) and column.name not in WHO_WHEN_WHICH
    }
    assert found - SAYS_NOTHING == NOT_ENCRYPTED.keys()
    listed = README.partition("**Not encrypted are:**")[2].partition("The search index")[0]
    assert {words for words in NOT_ENCRYPTED.values() if words not in listed} == set()
