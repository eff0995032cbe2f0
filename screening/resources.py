"""Finds the folders of data that belong to the application.

A wheel carries them inside the package, in `_data`; in a checkout they lie beside the package.
"""

from pathlib import Path

from screening.errors import MissingFileError

PACKAGE = Path(__file__).parent
PLACES = (PACKAGE / "_data", PACKAGE.parent)


def find_folder(name: str) -> Path:
    """Find a folder of data, inside the package first.

    Raises:
        MissingFileError: no place has the folder, so the installation is incomplete.
    """
    for place in PLACES:
        if (place / name).is_dir():
            return place / name
    places = " nor in ".join(map(str, PLACES))
    raise MissingFileError(f"the folder {name}", f"it is not in {places}")


def rules_folder() -> Path:
    """The folder of rule files, question files and their cases."""
    return find_folder("rules")


def templates_folder() -> Path:
    """The folder of page templates."""
    return find_folder("templates")
