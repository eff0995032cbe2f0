"""The files of an installation: the nightly script is run, units and containers are read."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.services.service import environment, run

from screening.cli import COMMANDS
from screening.settings import SETTINGS

CHECKOUT = Path(__file__).parents[2]
DEPLOY = CHECKOUT / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*.service"))


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A new installation, with `screening` among the programs and a folder for backups."""
    programs, backups = tmp_path / "bin", tmp_path / "backups"
    programs.mkdir()
    backups.mkdir()
    command = programs / "screening"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m screening "$@"\n')
    command.chmod(0o755)
    made = environment(tmp_path / "data")
    made |= {"PATH": f"{programs}:{os.environ['PATH']}", "BACKUPS": str(backups)}
    run(made, "keys", "make")
    return made


def nightly(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    line = ["sh", str(DEPLOY / "nightly.sh")]
    return subprocess.run(line, env=environ, capture_output=True, text=True, check=False)


def backups(environ: dict[str, str]) -> list[Path]:
    return sorted(Path(environ["BACKUPS"]).iterdir())


def old_backup(environ: dict[str, str], days: int) -> Path:
    path = Path(environ["BACKUPS"]) / f"{days}-days-old.backup"
    path.write_bytes(b"old")
    past = path.stat().st_mtime - days * 24 * 60 * 60
    os.utime(path, (past, past))
    return path


def test_a_night_makes_a_backup_that_can_be_restored_and_verifies(environ: dict[str, str]) -> None:
    done = nightly(environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ledger verify" in done.stdout
    assert "retention" not in done.stdout
    (backup,) = backups(environ)
    run(environ, "ledger", "key")  # which the server makes at its first start, as it does heads
    Path(environ["SCREENING_DATA"], "heads.jsonl").touch()
    assert "The ledger has no faults." in run(environ, "rehearse", str(backup))


def test_retention_runs_if_it_is_set(environ: dict[str, str]) -> None:
    done = nightly(environ | {"SCREENING_RETENTION_DAYS": "3650"})
    assert done.returncode == 0, done.stderr
    assert "retention --erase --yes" in done.stdout


def test_nothing_is_erased_in_a_night_whose_verification_failed(environ: dict[str, str]) -> None:
    calls = Path(environ["PATH"].partition(":")[0]) / "screening"
    calls.write_text('#!/bin/sh\n[ "$1" != ledger ]\n')
    failed = nightly(environ | {"SCREENING_RETENTION_DAYS": "3650"})
    assert failed.returncode == 1
    assert "retention --erase" not in failed.stdout
    assert "status 1 of: screening ledger verify\n" in failed.stderr
    assert "retention erased nothing, because the ledger was not verified" in failed.stderr
    unset = nightly(environ)
    assert unset.returncode == 1
    assert "retention" not in unset.stderr


def test_a_failed_backup_keeps_retention_from_nothing(environ: dict[str, str]) -> None:
    calls = Path(environ["PATH"].partition(":")[0]) / "screening"
    calls.write_text('#!/bin/sh\n[ "$1" != backup ]\n')
    failed = nightly(environ | {"SCREENING_RETENTION_DAYS": "3650"})
    assert failed.returncode == 1
    assert "retention --erase --yes" in failed.stdout


def test_old_backups_go_after_a_good_night_only(environ: dict[str, str]) -> None:
    older, newer = old_backup(environ, 40), old_backup(environ, 20)
    broken = environ | {"SCREENING_KEYS_FILE": str(older)}
    failed = nightly(broken)
    assert failed.returncode == 1
    assert "status" in failed.stderr
    assert older.exists()
    assert nightly(environ).returncode == 0
    assert (older.exists(), newer.exists()) == (False, True)


def test_without_a_folder_for_backups_nothing_is_done(environ: dict[str, str]) -> None:
    del environ["BACKUPS"]
    done = nightly(environ)
    assert done.returncode != 0
    assert "set BACKUPS" in done.stderr
    assert not done.stdout


def texts() -> Iterator[str]:
    pages = (CHECKOUT / "docs" / f"{name}.md" for name in ("install", "restore", "upgrading"))
    for path in (*DEPLOY.rglob("*"), *pages):
        if path.is_file():
            yield path.read_text("utf-8")


def test_files_name_only_commands_and_settings_that_there_are() -> None:
    named = {name for text in texts() for name in re.findall(r"SCREENING_[A-Z_]+", text)}
    assert named <= set(SETTINGS)
    called = re.findall(r"(?:bin/|run |`)screening\s+([a-z]+)", "\n".join(texts()))
    assert {"serve", "backup", "ledger", "retention", "upgrade", "restore"} <= set(called)
    assert set(called) <= set(COMMANDS)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_unit_is_hardened(unit: Path) -> None:
    assert unit.name.startswith("screening-")  # so that the shared file holds for it
    shared = (DEPLOY / "systemd" / "screening-.service.d" / "hardening.conf").read_text("utf-8")
    for line in (
        *(
            "User=screening",
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "CapabilityBoundingSet=",
        ),
        *("PrivateTmp=yes", "ProtectHome=yes", "UMask=0077", "SystemCallFilter=@system-service"),
    ):
        assert line in shared.split("\n")
    assert "User=" not in unit.read_text("utf-8")


def composed() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return found


def test_only_the_proxy_can_be_reached_and_no_container_of_ours_can_be_written_to() -> None:
    services = composed()["services"]
    assert [name for name, each in services.items() if "ports" in each] == ["proxy"]
    for name in ("server", "nightly", "proxy"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    assert services["database"]["network_mode"] == "none"
    assert "--workers=2" in services["server"]["command"]
    assert "--production" in services["server"]["command"]


def test_the_image_runs_without_root_and_says_whether_it_is_ready() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    last = text.rpartition("\nFROM ")[2]
    (user,) = re.findall(r"^USER (\d+)$", last, re.MULTILINE)
    assert int(user) > 0
    assert "HEALTHCHECK" in last
    assert "/ready" in last
    assert re.findall(r"^FROM \S+:latest|^FROM [^:\s]+(?: |$)", text, re.MULTILINE) == []
    for path in re.findall(r"^COPY (?!--from)(\S+) ", text, re.MULTILINE):
        assert (CHECKOUT / path).exists()


def test_an_image_gets_nothing_that_set_up_made_on_this_machine() -> None:
    left_out = (CHECKOUT / ".dockerignore").read_text("utf-8").split("\n")
    for made in (".venv", "**/node_modules", "screening/web/static/vendor"):
        assert made in left_out
