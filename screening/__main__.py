"""The command ``screening``, which is ``python -m screening`` too."""

import gc
import os
import sys

from screening import __version__

OBJECTS = 50_000
"""New objects after which garbage is looked for; modules and rules are many, and no garbage."""


def main() -> None:
    """Run the command, with garbage looked for less often from the first module on."""
    if sys.argv[1:] == ["--version"] and _write_version():
        return
    gc.set_threshold(OBJECTS)
    from screening.cli import main as command  # noqa: PLC0415 - to load it is most of the work

    command(prog_name="screening")


def _write_version() -> bool:
    """Print the version without loading a command; false if it cannot be written whole."""
    line = f"screening {__version__}\n".encode()
    try:
        return os.write(1, line) == len(line)
    except OSError:  # the command fails in the same way, and says why
        return False


if __name__ == "__main__":
    main()
