"""`screening settings`, and the warning of a setting that is none."""

from collections.abc import Callable
from typing import Any

import pytest

from screening.settings import SETTINGS

Run = Callable[..., Any]


def test_all_settings_are_listed_and_no_secret_is_printed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, each in SETTINGS.items():
        monkeypatch.setenv(name, "hidden-value" if each.secret else "shown-value")
    said = run("settings").output
    assert "hidden-value" not in said
    assert said.count("its value is not") == sum(each.secret for each in SETTINGS.values())
    assert said.count("shown-value") == sum(not each.secret for each in SETTINGS.values())
    assert [name for name in SETTINGS if name not in said] == []


def test_a_setting_that_is_not_set_shows_its_default(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCREENING_SESSION_IDLE_MINUTES", raising=False)
    said = run("settings").output
    assert "Not set. Default: 15." in said


def test_a_misspelt_setting_is_warned_of_and_the_command_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_RETENTION_DAY", "30")
    result = run("settings")
    assert result.exit_code == 0
    assert result.stderr == (
        "Warning: SCREENING_RETENTION_DAY is not a setting. Did you mean SCREENING_RETENTION_DAYS?"
        " `screening settings` lists all settings.\n"
    )
    assert "30" not in result.stderr


def test_a_password_in_an_address_is_not_printed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENING_WITNESS", "https://witness:hidden-value@witness.example")
    result = run("settings")
    assert "hidden-value" not in result.output + result.stderr
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SCREENING_SESSION_MINUTES", "abc"),
        ("SCREENING_SESSION_IDLE_MINUTES", "0"),
        ("SCREENING_EMERGENCY_NUMBER", "ring-us"),
        ("SCREENING_EMERGENCY_NUMBER", "1234567890123456"),
        ("SCREENING_TIME_ZONE", "Mars/X"),
        ("SCREENING_HEADS_SYSLOG", "bad"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    result = run("settings")
    assert result.exit_code == 2
    assert f"the setting {name} cannot be used; it should be " in result.stderr
