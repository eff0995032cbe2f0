"""Where a case's pages are, for pages that list cases."""

from flask import url_for

from screening.core.item import Item, ItemType
from screening.web.fields import DAY_PARTS, PREFIX


def case_address(case_id: str) -> str:
    """The address of a case's screening page."""
    return url_for("case.page", case_id=case_id)


def question_address(case_id: str, item: Item) -> str:
    """The address of the first control of one question of a case."""
    first = f"-{DAY_PARTS[0]}" if item.type is ItemType.DATE else ""
    return url_for("case.page", case_id=case_id, _anchor=f"{PREFIX}{item.link_id}{first}")
