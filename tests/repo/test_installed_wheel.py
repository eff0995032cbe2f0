"""The installed wheel works alone: in a folder with no checkout near it."""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from html import unescape
from importlib.metadata import distribution
from pathlib import Path
from urllib.request import urlopen

import pytest
from packaging.markers import Marker

CHECKOUT = Path(__file__).parents[2]
PINNED = re.compile(r"(?P<name>[\w.-]+)==\S+(?: ; (?P<marker>.+?))? \\")
TIMEOUT = 60
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
LINK = re.compile(r'(?:href|src)="(/[^"#]*)')


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a fresh environment: the wheel, and what requirements/run.txt pins."""
    home = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    site = next(home.glob("lib/python*/site-packages"))
    for each in {part for name in locked() for part in parts_of(name)}:
        (site / each.name).symlink_to(each)
    return python.parent


def locked() -> list[str]:
    """The libraries that an installation gets on this machine."""
    lines = (CHECKOUT / "requirements" / "run.txt").read_text("utf-8").splitlines()
    pinned = [PINNED.match(line) for line in lines]
    return [
        found["name"]
        for found in pinned
        if found and (not found["marker"] or Marker(found["marker"]).evaluate())
    ]


def parts_of(name: str) -> Iterator[Path]:
    """The files and folders of a library in the folder of all libraries."""
    base = Path(sysconfig.get_path("purelib"))
    for file in distribution(name).files or ():
        if file.parts[0] not in {"..", "__pycache__"}:
            yield base / file.parts[0]


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in an empty folder, with nothing in the environment that leads back to the checkout."""
    monkeypatch.chdir(tmp_path)
    for name in [
        name for name in os.environ if name.startswith(("PYTHON", "VIRTUAL_ENV", "FLASK"))
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SCREENING_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))  # where a demonstration is kept


@pytest.fixture(params=["serve", "demo"])
def served(
    installed: Path, alone: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The address of the application, served by one installed command, with no other program."""
    monkeypatch.setenv("PATH", str(installed))  # neither make nor Node, whatever this machine has
    command = ["screening", request.param, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            first_line = server.stdout.readline() if server.stdout else ""
            found = ADDRESS.search(first_line)
            assert found, f"the first line names no address: {first_line!r}"
            yield found[0]
        finally:
            server.terminate()


def output_of(*command: str | Path) -> str:
    """What a command prints; it must succeed."""
    said = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


def test_the_package_that_runs_is_the_installed_one(installed: Path, alone: None) -> None:
    where = output_of(installed / "python", "-c", "import screening; print(screening.__file__)")
    assert Path(where).is_relative_to(installed.parent)


def test_the_installed_rules_have_no_problems(installed: Path, alone: None) -> None:
    output_of(installed / "screening", "check")


def test_the_command_line_does_not_load_the_web(installed: Path, alone: None) -> None:
    loads = "import sys, screening.cli; print('flask' in sys.modules)"
    assert output_of(installed / "python", "-c", loads).strip() == "False"


@pytest.mark.parametrize("served", ["demo"], indirect=True)
def test_a_demonstration_that_names_no_folder_is_kept_in_the_data_home(
    served: str, tmp_path: Path
) -> None:
    assert (tmp_path / "home" / "screening" / "screening-demo" / "keys.json").is_file()


def test_the_installed_command_serves_every_page_its_first_page_leads_to(served: str) -> None:
    links: set[str] = set()
    for page in ("", "/nurse/"):
        with urlopen(served + page, timeout=TIMEOUT) as answer:  # noqa: S310 - our own address
            links |= {unescape(link) for link in LINK.findall(answer.read().decode())}
    for name in ("nhsuk-frontend.min.css", "patient.css"):
        assert any(name in link for link in links)
    for link in sorted(links):
        with urlopen(served + link, timeout=TIMEOUT) as answer:  # noqa: S310
            assert answer.read(), link
