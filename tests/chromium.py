"""Finds the Chromium that the browser tests drive, or installs Debian's where that is possible.

Usage: python chromium.py FILE    writes the browser's path into FILE
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

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


def administrator() -> list[str] | None:
    """What a command starts with to run as administrator, or None where nobody may."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    may = shutil.which("sudo") and subprocess.run([*sudo, "true"], check=False).returncode == 0
    return sudo if may else None


def install_chromium() -> None:
    """Install Debian's package, if this is such a machine and we may."""
    prefix = administrator() if shutil.which("apt-get") else None
    if prefix is None or os.environ.get("CHROMIUM"):
        return
    print("No Chromium found: installing the package chromium with apt-get", flush=True)
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    options = ["--yes", "--no-install-recommends", "-o=Dpkg::Use-Pty=0"]
    subprocess.run([*apt, "update"], check=False)  # an old list may still do
    install = [*apt, "install", *options, "chromium"]
    subprocess.run(install, stdout=subprocess.DEVNULL, check=False)  # we look for it again


def main(file: str) -> None:
    """Write the browser's path into the file, or stop with a sentence."""
    if not find_chromium():
        install_chromium()
    found = find_chromium()
    if not found:
        sys.exit(MISSING)
    Path(file).write_text(found + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
