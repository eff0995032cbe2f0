"""The number to call in an emergency, where the people who run the service have set one."""

import re

from flask import current_app


def emergency_number() -> str | None:
    """The number of the application that serves the current request, if it has one."""
    number: str | None = current_app.config.get("EMERGENCY_NUMBER")
    return number


def emergency_address() -> str:
    """The address that makes a phone call it; there has to be one."""
    return "tel:" + re.sub("[ -]", "", emergency_number() or "")
