"""Where a case's pages are, for pages that list cases."""

from flask import request

from screening.web.fields import PREFIX


def case_address(case_id: str, link_id: str = "") -> str:
    """The address of a case's screening page, or of one question on it."""
    question = f"#{PREFIX}{link_id}" if link_id else ""
    return f"{request.script_root}/case/{case_id}/{question}"
