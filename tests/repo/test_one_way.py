"""What every page needs is done in one way: a copy of it by hand is seen here."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in sorted((ROOT / "templates").rglob("*.html"))
}
OWN_LOOK = ("templates/case/history.html", "templates/shell/parts/help_strip.html")
"""These open, too, but do not look like the design system's."""
MARKUP = (
    (re.compile("<details"), ("templates/shell/parts/details.html", *OWN_LOOK)),
    (re.compile("error-summary"), ()),  # the function error_summary writes it
    (re.compile("csrf_token"), ("templates/shell/parts/csrf.html",)),
    (re.compile('name="(once|version)"'), ("templates/shell/parts/keys.html",)),
)
"""What a template writes, and the templates that may."""


@pytest.mark.parametrize(("markup", "homes"), MARKUP)
def test_no_template_writes_by_hand_what_one_place_writes(
    markup: re.Pattern[str], homes: tuple[str, ...]
) -> None:
    found = [name for name, text in TEMPLATES.items() if markup.search(text)]
    assert found == sorted(homes)
