"""Finds what PDFs are made with: the library Pango and fonts; or installs Debian's packages.

Without Pango the application runs, and says on the page of a letter that it can only be printed.
Without a font for the letters of a name it says so on that page and on the paper.
"""

import shutil
import subprocess
from ctypes.util import find_library
from pathlib import Path

import debian

LIBRARIES = {"pango-1.0": "libpango-1.0-0", "pangoft2-1.0": "libpangoft2-1.0-0"}
SUBSETS = {"harfbuzz-subset": "libharfbuzz-subset0"}
FONT = "fonts-dejavu-core"
SCRIPTS = {"fonts-noto-core": "\u0905", "fonts-noto-cjk": "\u4e00"}
"""Packages of fonts, by a letter that tells whether one like them is there already."""
FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "~/.fonts")
MISSING = (
    "Letters cannot be made as PDF on this machine (they can be printed): it lacks {}."
    " Install Pango 1.44 or newer and any font, and run this again."
)
BOXES = (
    "Letters as PDF show empty boxes, and say so, for names in scripts that no font here has."
    " Install {}, or fonts like them."
)


def lacking() -> list[str]:
    """The Debian packages of what is missing."""
    needed = LIBRARIES | SUBSETS
    packages = [package for name, package in needed.items() if not find_library(name)]
    return packages if has_font() else [*packages, FONT]


def has_font() -> bool:
    """Whether there is a font that text can be set in."""
    if found := shutil.which("fc-list"):
        said = subprocess.run([found], capture_output=True, check=False)
        return bool(said.stdout.strip())
    folders = (Path(folder).expanduser() for folder in FOLDERS)
    return any(next(folder.rglob("*.[to]tf"), None) for folder in folders)


def lacking_scripts() -> list[str]:
    """The Debian packages of fonts for scripts that no font here has, as far as can be told."""
    found = shutil.which("fc-list")
    if not found:
        return []
    return [name for name, letter in SCRIPTS.items() if not _fonts_with(found, letter)]


def _fonts_with(fc_list: str, letter: str) -> bytes:
    asked = [fc_list, f":charset={ord(letter):x}", "file"]
    return subprocess.run(asked, capture_output=True, check=False).stdout


def main() -> None:
    """Install what is missing if we may, and say so if something still is."""
    if packages := lacking():
        debian.install(*packages)
    if fonts := lacking_scripts():  # fc-list may have come with the packages above
        debian.install(*fonts)
    if still := lacking():
        print(MISSING.format(", ".join(still)))
    if boxes := lacking_scripts():
        print(BOXES.format(" and ".join(boxes)))


if __name__ == "__main__":
    main()
