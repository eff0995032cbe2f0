"""Every setting that the code reads is listed with its default, and no other is."""

import re
from pathlib import Path

import pytest

from screening.cli.operation.settings import markdown_lines
from screening.records.casework.emergency_access import Limits
from screening.records.installation.settings import HEADS_EVENTS, HEADS_MINUTES
from screening.records.people.rights_steps import NEW_DAYS
from screening.records.rights.access_review import UNUSED_DAYS
from screening.settings import SETTINGS, misspelt
from screening.web.accounts.organisation import SETTINGS as OF_PROVIDER
from screening.web.accounts.sessions import IDLE_MINUTES, LONGEST_MINUTES

CHECKOUT = Path(__file__).parents[2]
NAMED = re.compile(r'"(SCREENING_[A-Z_]+|DATABASE_URL)"')
NUMBERS = {
    "SCREENING_SESSION_IDLE_MINUTES": IDLE_MINUTES,
    "SCREENING_SESSION_MINUTES": LONGEST_MINUTES,
    "SCREENING_EMERGENCY_MINUTES": Limits().minutes,
    "SCREENING_EMERGENCY_CASES": Limits().cases,
    "SCREENING_EMERGENCY_TRIES": Limits().tries,
    "SCREENING_NEW_ACCOUNT_DAYS": NEW_DAYS,
    "SCREENING_UNUSED_DAYS": UNUSED_DAYS,
    "SCREENING_HEADS_MINUTES": HEADS_MINUTES,
    "SCREENING_HEADS_EVENTS": HEADS_EVENTS,
}


def test_every_setting_that_the_code_reads_is_listed_and_no_other() -> None:
    sources = [
        path.read_text("utf-8")
        for path in (CHECKOUT / "screening").rglob("*.py")
        if path != CHECKOUT / "screening" / "settings.py"
    ]
    read = {name for source in sources for name in NAMED.findall(source)}
    assert read | {f"SCREENING_{name}" for name in OF_PROVIDER} == set(SETTINGS)


def test_readme_names_no_other_settings() -> None:
    pages = [CHECKOUT / "README.md", *CHECKOUT.glob("docs/*.md")]
    named = re.findall(r"\b(SCREENING_[A-Z_]+|DATABASE_URL)\b", "".join(map(Path.read_text, pages)))
    assert set(named) == set(SETTINGS)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_that_of_the_code(name: str) -> None:
    assert SETTINGS[name].default == str(NUMBERS[name])


def test_the_page_of_settings_is_up_to_date() -> None:
    written = (CHECKOUT / "docs" / "settings.md").read_text("utf-8")
    assert written == "\n".join(markdown_lines()) + "\n"


def test_a_misspelt_setting_is_told_with_the_nearest() -> None:
    found = list(misspelt(["PATH", "SCREENING_DATA", "SCREENING_RETENTION_DAY", "SCREENING_XYZ"]))
    assert found[0] == ("SCREENING_RETENTION_DAY", "SCREENING_RETENTION_DAYS")
    assert [name for name, _ in found] == ["SCREENING_RETENTION_DAY", "SCREENING_XYZ"]
