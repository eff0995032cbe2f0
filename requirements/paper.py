# ruff: noqa: INP001 - a script of the set-up
"""Finds what PDFs are made with: the library Pango and a font; or installs Debian's packages.

Without them the application runs, and says on the page of a letter that it can only be printed.
"""

import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

import debian

LIBRARIES = {"pango-1.0": "libpango-1.0-0", "pangoft2-1.0": "libpangoft2-1.0-0"}
SUBSETS = {"harfbuzz-subset": "libharfbuzz-subset0"}
FONT = "fonts-dejavu-core"
FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "~/.fonts")
MISSING = (
    "Letters cannot be made as PDF on this machine (they can be printed): it lacks {}."
    " Install Pango 1.44 or newer and any font, and run this again."
)


def lacking() -> list[str]:
    """The Debian packages of what is missing."""
    needed = LIBRARIES | SUBSETS
    packages = [package for name, package in needed.items() if not find_library(name)]
    return packages if has_font() else [*packages, FONT]


def has_font() -> bool:
    """Whether there is a font that text can be set in."""
    if found := shutil.which("fc-list"):
        said = subprocess.run([found], capture_output=True, check=False)  # noqa: S603 - no input
        return bool(said.stdout.strip())
    folders = (Path(folder).expanduser() for folder in FOLDERS)
    return any(next(folder.rglob("*.[to]tf"), None) for folder in folders)


def main() -> None:
    """Install what is missing if we may, and say so if something still is."""
    if packages := lacking():
        debian.install(*packages)
    if still := lacking():
        sys.stdout.write(MISSING.format(", ".join(still)) + "\n")


if __name__ == "__main__":
    main()
