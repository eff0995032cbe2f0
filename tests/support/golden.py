"""The routes and the words of the main pages as they were last looked at, and what differs.

Usage: PYTHONPATH=tests python -m support.golden

It writes tests/data/routes.txt and tests/data/pages
"""

import difflib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from support.pages import golden_pages, route_table
from support.storage import databases

DATA = Path(__file__).parents[1] / "data"
ROUTES, PAGES = DATA / "routes.txt", DATA / "pages"
AROUND = 2
COMMAND = "PYTHONPATH=tests python -m support.golden"


def check(kept: Path, text: str) -> None:
    """Compare a text with the one that is kept.

    Raises:
        AssertionError: if they differ; it shows the lines, and how to keep the new ones.
    """
    before = kept.read_text("utf-8") if kept.exists() else ""
    if before != text:
        lines = difflib.unified_diff(
            *(before.splitlines(), text.splitlines()),
            *(f"kept in tests/{kept.relative_to(DATA.parent)}", "now"),
            n=AROUND,
            lineterm="",
        )
        said = "\n".join(lines)
        message = f"\n{said}\n\nIf that is meant, run: {COMMAND}"
        raise AssertionError(message)


def page(name: str) -> Path:
    """The file that keeps the words of a page."""
    return PAGES / f"{name}.txt"


def made(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file with what it should hold; the database lies in the folder."""
    address = databases.sqlite_copy(databases.sqlite_pattern(folder), folder)
    with databases.open_records(address) as records:
        app = golden_pages.application(records)
        yield ROUTES, route_table.table(app)
        for name, text in golden_pages.texts(app):
            yield page(name), text


def write() -> None:
    """Keep everything as it is now, and nothing else."""
    PAGES.mkdir(exist_ok=True)
    for old in PAGES.iterdir():
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        for path, text in made(Path(folder)):
            path.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
