"""The figures of docs/security.md are those of the code."""

from pathlib import Path

import pytest

from screening.core.answer import EARLIEST_DAY
from screening.formats.referralcsv import MAX_COLUMNS, MAX_ROWS
from screening.records.access import Role
from screening.records.database import BUSY_MS
from screening.records.passwords import FEWEST_GUESSES, JUDGED, LONGEST, PRODUCT, SHORTEST
from screening.records.tries import Rate
from screening.web import MAX_BODY, limits, server
from screening.web.importing import MAX_UPLOAD

TEXT = " ".join((Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8").split())
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
        f"signed in before: {words(limits.FOR_ONE_BROWSER)}.",
        f"at one address, for one account: {words(limits.FOR_ONE_BROWSER)}.",
        f"together, for one account: {words(limits.FOR_ONE_ACCOUNT)}.",
        f"for all accounts: {words(limits.FROM_ONE_PLACE)}.",
        f"has {SHORTEST} to {LONGEST} characters",
        f"at least {FEWEST_GUESSES:,} guesses",
        f"judges the first {JUDGED} characters",
        f"judged: {words(limits.FROM_A_FULL_PLACE)},",
        f"{24 * limits.FROM_ONE_PLACE[1].most:,} guesses a day before the limit",
        f"and {200 * limits.FROM_A_FULL_PLACE[1].most:,} after it",
        f"at most {limits.FOR_ONE_BROWSER[2].most} a day",
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
