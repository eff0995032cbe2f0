"""The number to call in an emergency, where the people who run the service have set one."""

import re
from collections.abc import Mapping

from flask import current_app

from screening.records.installation.settings import SettingsError

SETTING = "SCREENING_EMERGENCY_NUMBER"
_NUMBER = re.compile(r"\+?[0-9](?:[ -]?[0-9]){1,14}", re.ASCII)


def read_emergency_number(given: Mapping[str, str]) -> str | None:
    """The number as patients read it; none if it is not set.

    Raises:
        SettingsError: if it is no number that a phone can call.
    """
    number = given.get(SETTING, "").strip()
    if number and not _NUMBER.fullmatch(number):
        raise SettingsError(SETTING, "a number that a phone can call, such as 999")
    return number or None


def emergency_number() -> str | None:
    """The number of the application that serves the current request, if it has one."""
    number: str | None = current_app.config.get("EMERGENCY_NUMBER")
    return number


def emergency_address() -> str:
    """The address that makes a phone call it; there has to be one."""
    return "tel:" + re.sub("[ -]", "", emergency_number() or "")
