"""Finds the Chromium that the browser tests drive, or installs Debian's where that is possible.

Usage: PYTHONPATH=requirements python tests/support/setup/chromium.py FILE

It writes the path of the browser into FILE.
"""

import os
import shutil
import sys
from pathlib import Path

import debian

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)
MISSING = (
    "The browser tests need Chromium or Chrome, and none was found. Install one,"
    " or say where it is: make test CHROMIUM=/path/to/chromium"
)


def find_chromium() -> str | None:
    """The browser that the variable CHROMIUM names, else the first known one on this machine."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    return next(filter(None, map(shutil.which, (*NAMES, *PLACES))), None)


def main(file: str) -> None:
    """Write the browser's path into the file, or stop with a sentence."""
    if not find_chromium() and not os.environ.get("CHROMIUM"):
        debian.install("chromium")
    found = find_chromium()
    if not found:
        sys.exit(MISSING)
    Path(file).write_text(found + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
