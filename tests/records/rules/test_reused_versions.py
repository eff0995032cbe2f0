"""Rules say one thing under one version: what was recorded is compared, in all that it says."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.rulesets import shipped
from support.storage.databases import People

from screening.cli import main
from screening.files.rule_files import load_ruleset
from screening.files.rule_texts import load_texts
from screening.records.access import Role
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.ledger.records import Records
from screening.records.rules.activation import ReusedVersionError, propose, versions
from screening.resources import rules_folder

pytestmark = pytest.mark.long

Run = Callable[..., Result]
SAYS = "says something else than what was recorded here on"


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / f"{name}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def renumber(folder: Path, name: str) -> None:
    path = folder / f"{name}.yaml"
    text = path.read_text("utf-8")
    path.write_text(
        re.sub(r"^version: .*$", "version: 99.0.0", text, count=1, flags=re.MULTILINE), "utf-8"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rules that a test may change."""
    return Path(shutil.copytree(rules_folder(), tmp_path / "rules"))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs commands where the shipped rules were proposed."""
    environment = {"SCREENING_DATA": str(tmp_path / "data"), "DATABASE_URL": ""}
    open_records(Settings.read(environment)).database.close()

    def call(*words: object) -> Result:
        return CliRunner(env=environment).invoke(main, [str(word) for word in words])

    assert call("versions", "propose").exit_code == 0
    return call


CHANGES = [
    ("documented", "nurse: The pain is severe.", "nurse: The pain is very severe."),
    ("questions", "name: Scoliosis", "name: A curved spine"),
]


def test_what_is_recorded_passes(run: Run, folder: Path) -> None:
    assert run("check").exit_code == 0
    change(folder, "documented", "\nversion: ", "\n# A comment changes nothing.\nversion: ")
    assert run("check", folder).exit_code == 0


@pytest.mark.parametrize(("name", "old", "new"), CHANGES)
def test_a_check_refuses_another_text_under_a_recorded_version(
    run: Run, folder: Path, name: str, old: str, new: str
) -> None:
    change(folder, name, old, new)
    for path in (folder, folder / f"{name}.yaml"):
        result = run("check", path)
        assert result.exit_code == 1
        assert f"{name}.yaml:5:10: `{name}` " in result.output
        assert SAYS in result.output
        assert result.output.count("[reused-version]") == 1
    renumber(folder, name)
    assert "[reused-version]" not in run("check", folder).output


def test_a_proposal_of_another_text_under_a_recorded_version_is_refused(
    run: Run, folder: Path
) -> None:
    change(folder, *CHANGES[0])
    refused = run("versions", "propose", "--rules", folder)
    assert refused.exit_code == 69
    assert "these rules cannot be proposed: `documented` " in refused.output
    assert SAYS in refused.output
    renumber(folder, "documented")
    assert run("versions", "propose", "--rules", folder).exit_code == 0


def test_a_check_without_records_or_of_others_is_no_failure(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    change(folder, *CHANGES[0])
    elsewhere = CliRunner(env={"SCREENING_DATA": str(tmp_path / "none"), "DATABASE_URL": ""})
    done = elsewhere.invoke(main, ["check", str(folder)])
    assert (done.exit_code, "warning" in done.stderr) == (0, False)
    assert not (tmp_path / "none").exists()
    unreachable = CliRunner(env={"DATABASE_URL": "postgresql://x@127.0.0.1:1/none"})
    done = unreachable.invoke(main, ["check", str(folder)])
    assert done.exit_code == 0
    assert "versions were not compared with what was recorded" in done.stderr


def test_both_databases_refuse_it(records: Records, people: People, folder: Path) -> None:
    lead = people.actor(Role.LEAD_NURSE)
    texts = {name: text.data.decode() for name, text in load_texts().items()}
    propose(records, lead, shipped.ruleset(), texts)
    change(folder, *CHANGES[0])
    changed = {name: text.data.decode() for name, text in load_texts(folder).items()}
    with pytest.raises(ReusedVersionError, match=SAYS):
        propose(records, lead, load_ruleset("documented", folder), changed)
    assert len(versions(records, lead)) == 1
