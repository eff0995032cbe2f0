"""The front-end files are what the lock file says, and lead to no other host."""

import json
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FRONTEND = Path(__file__).parents[2] / "screening" / "web" / "frontend"
VENDOR = FRONTEND.parent / "static" / "vendor"


def install(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FRONTEND / "npm.py"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_a_package_that_differs_from_the_lock_file_is_refused(tmp_path: Path) -> None:
    shutil.copy(FRONTEND / "package.json", tmp_path)
    lock = json.loads((FRONTEND / "package-lock.json").read_text("utf-8"))
    lock["packages"]["node_modules/nhsuk-frontend"]["integrity"] = "sha512-" + 86 * "A" + "=="
    (tmp_path / "package-lock.json").write_text(json.dumps(lock), "utf-8")
    said = install(tmp_path)
    assert said.returncode != 0
    assert "EINTEGRITY" in said.stderr
    assert not (tmp_path / "node_modules" / "nhsuk-frontend").exists()


@pytest.mark.parametrize("name", ["nhsuk-frontend.min.css", "nhsuk-frontend.min.js"])
def test_a_fetched_file_leads_to_no_other_host_and_no_source_map(name: str) -> None:
    text = (VENDOR / name).read_text("utf-8")
    assert text
    assert not re.search(r"https?://|Frutiger|@font-face|sourceMappingURL", text)


def test_every_image_that_the_style_sheet_names_is_there_and_no_other() -> None:
    css = (VENDOR / "nhsuk-frontend.min.css").read_text("utf-8")
    named = {url.strip("'\"") for url in re.findall(r"url\(([^)]*)\)", css)}
    local = {url for url in named if not url.startswith("data:")}
    there = {path.relative_to(VENDOR).as_posix() for path in (VENDOR / "images").iterdir()}
    assert local == there


@pytest.mark.parametrize("text", ["a{background:url(https://x.example/y)}", "a{font:Frutiger}"])
def test_a_file_that_still_leads_elsewhere_is_not_written(text: str) -> None:
    build = runpy.run_path(str(FRONTEND / "build.py"))
    with pytest.raises(build["RemoteReferenceError"]):
        build["write"]("refused.css", text)
    assert not (VENDOR / "refused.css").exists()
