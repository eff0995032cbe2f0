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
    assert said.count("its value is secret") == sum(each.secret for each in SETTINGS.values())
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
