"""The wheel holds the whole product and nothing besides."""

from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

IN_WHEEL = {
    "screening": "screening",
    "rules": "screening/_data/rules",
    "templates": "screening/_data/templates",
}
NOT_SHIPPED = {"__pycache__", "frontend"}


@pytest.fixture(scope="module")
def shipped(wheel: Path) -> Mapping[str, bytes]:
    """What the wheel holds, by its path there, without the metadata."""
    with ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        return {name: archive.read(name) for name in names}


def in_tree(root: Path, folder: str) -> dict[str, bytes]:
    """The files of a folder of the checkout, by the path that they ought to have in the wheel."""
    files = [path for path in (root / folder).rglob("*") if path.is_file()]
    wanted = [path for path in files if not NOT_SHIPPED & set(path.relative_to(root).parts)]
    return {
        f"{IN_WHEEL[folder]}/{path.relative_to(root / folder).as_posix()}": path.read_bytes()
        for path in wanted
    }


@pytest.mark.parametrize("folder", IN_WHEEL)
def test_every_file_of_a_folder_is_in_the_wheel(
    root: Path, shipped: Mapping[str, bytes], folder: str
) -> None:
    expected = in_tree(root, folder)
    assert expected, f"{folder} is empty"
    assert sorted(expected.keys() - shipped.keys()) == []
    assert [name for name in expected if shipped[name] != expected[name]] == []


def test_the_wheel_holds_nothing_else(root: Path, shipped: Mapping[str, bytes]) -> None:
    expected = {name for folder in IN_WHEEL for name in in_tree(root, folder)}
    assert sorted(shipped.keys() - expected) == []


@pytest.mark.parametrize(
    "name",
    [
        "screening/py.typed",
        "screening/web/static/vendor/nhsuk-frontend.min.css",
        "screening/web/static/vendor/nhsuk-frontend.min.js",
        "screening/_data/rules/documented.yaml",
        *(f"screening/_data/rules/{tag}/questions.yaml" for tag in ("ar", "es")),
        *(f"screening/locale/{tag}/LC_MESSAGES/messages.po" for tag in ("ar", "es")),
        "screening/locale/messages.pot",
    ],
)
def test_what_pages_and_typing_need_is_in_the_wheel(
    shipped: Mapping[str, bytes], name: str
) -> None:
    assert name in shipped
