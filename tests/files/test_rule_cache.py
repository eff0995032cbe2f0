"""What is kept of a ruleset is used for the same texts and the same program alone."""

import hashlib
import hmac
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from support.rulesets import corpus, shipped

from screening.core.compiled.model import model_of
from screening.core.rules.ruleset import Ruleset
from screening.errors import DocumentError
from screening.files import rule_cache
from screening.files.rule_cache import MOST_ENTRIES, load_kept_ruleset
from screening.files.rule_files import read_named
from screening.formats.documents.ruleset_json import digest_of, write_ruleset
from screening.resources import PACKAGE

ROOT = Path(__file__).parents[2]


class Cache:
    """The cache in folders of the test, with the number of times that rules were proved."""

    def __init__(self, folder: Path) -> None:
        self.kept, self.state = folder / "cache" / "screening", folder / "state" / "screening"
        self.rules = folder / "rules"
        self.proved = 0
        shutil.copytree(corpus.GOOD, self.rules)

    def load(self) -> Ruleset:
        return load_kept_ruleset("main", self.rules)

    @property
    def entries(self) -> list[Path]:
        return sorted(self.kept.glob("*"))

    def change_rules(self, comment: str = "# another text\n") -> None:
        file = self.rules / "main.yaml"
        file.write_text(file.read_text("utf-8") + comment, "utf-8")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv(rule_cache.SWITCH, raising=False)
    made = Cache(tmp_path)

    def proving(*given: object) -> Ruleset:
        made.proved += 1
        return read_named(*given)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(rule_cache, "read_afresh", proving)
    return made


def test_a_second_load_proves_nothing_and_gives_the_same(cache: Cache) -> None:
    first, second = cache.load(), cache.load()
    assert cache.proved == 1
    assert first is not second
    assert write_ruleset(second) == write_ruleset(first)
    assert digest_of(second) == second.digest == first.digest


def test_the_shipped_rules_are_compiled_as_they_were(cache: Cache) -> None:
    load_kept_ruleset()
    kept, own = model_of(load_kept_ruleset()), model_of(shipped.ruleset())
    assert cache.proved == 1
    assert kept.variables == own.variables
    assert kept.pairs == own.pairs
    rng = Random("kept")
    for _ in range(2000):
        whole = [rng.randrange(each) for each in own.complete.arities]
        part = [rng.randrange(each) for each in own.partial.arities]
        assert kept.complete.at(kept.outcome, whole) == own.complete.at(own.outcome, whole)
        assert kept.complete.at(kept.valid, whole) is own.complete.at(own.valid, whole)
        assert kept.possible_at(part) == own.possible_at(part)
        for each in own.kleene:
            assert kept.partial.at(kept.kleene[each], part) is own.partial.at(
                own.kleene[each], part
            )
            assert kept.complete.at(kept.exact[each], whole) is own.complete.at(
                own.exact[each], whole
            )


def test_another_text_is_proved(cache: Cache) -> None:
    cache.load()
    cache.change_rules()
    cache.load()
    assert cache.proved == 2


@pytest.mark.parametrize("part", ["version", "python", "source", "library"])
def test_another_program_proves_for_itself(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, part: str, tmp_path: Path
) -> None:
    cache.load()
    if part == "version":
        monkeypatch.setattr(rule_cache, "__version__", "0.0.0")
    elif part == "python":
        monkeypatch.setattr("sys.version", "3.99")
    elif part == "library":
        monkeypatch.setattr(rule_cache, "find_spec", lambda _: None)
    else:
        package = tmp_path / "package"
        shutil.copytree(PACKAGE / "core", package / "core")
        for each in ("proof", "formats", "files"):
            (package / each).symlink_to(PACKAGE / each)
        monkeypatch.setattr(rule_cache, "PACKAGE", package)
        cache.load()
        (package / "core" / "values" / "truth.py").write_text("# other\n", "utf-8")
    before = cache.proved
    cache.load()
    assert cache.proved == before + 1


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda data: data[:-1],
    "half": lambda data: data[: len(data) // 2],
    "longer": lambda data: data + b" ",
    "a letter": lambda data: data.replace(b"Met", b"Mat", 1),
    "the first byte": lambda data: bytes([data[0] ^ 1]) + data[1:],
    "without its MAC": lambda data: data[32:],
    "another key's": lambda data: hmac.digest(bytes(32), data[32:], "sha256") + data[32:],
    "a plain digest": lambda data: hashlib.sha256(data[32:]).digest() + data[32:],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_an_entry_that_is_not_as_it_was_written_is_proved_and_written_again(
    cache: Cache, damage: str
) -> None:
    cache.load()
    (entry,) = cache.entries
    good = entry.read_bytes()
    entry.write_bytes(DAMAGE[damage](good))
    assert entry.read_bytes() != good
    cache.load()
    assert cache.proved == 2
    assert entry.read_bytes() == good


def test_the_entry_of_other_rules_is_of_no_use_under_this_name(cache: Cache) -> None:
    cache.load()
    (first,) = cache.entries
    cache.change_rules()
    cache.load()
    (second,) = (each for each in cache.entries if each != first)
    shutil.copyfile(first, second)
    cache.load()
    assert cache.proved == 3


def test_entries_of_a_lost_key_are_of_no_use(cache: Cache) -> None:
    cache.load()
    (cache.state / "cache.key").unlink()
    cache.load()
    cache.load()
    assert cache.proved == 2


def test_only_this_account_can_read_what_is_kept(cache: Cache) -> None:
    cache.load()
    for folder in (cache.kept, cache.state):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for each in folder.iterdir():
            assert stat.S_IMODE(each.stat().st_mode) == 0o600


@pytest.mark.parametrize("place", ["kept", "state"])
@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a_folder_that_others_can_write_to_is_not_used(cache: Cache, place: str, mode: int) -> None:
    cache.load()
    (cache.kept if place == "kept" else cache.state).chmod(mode)
    cache.load()
    assert cache.proved == 2


@pytest.mark.parametrize("place", ["kept", "state"])
def test_a_folder_that_is_elsewhere_is_not_used(cache: Cache, place: str) -> None:
    cache.load()
    folder = cache.kept if place == "kept" else cache.state
    moved = folder.rename(folder.with_name("moved"))
    folder.symlink_to(moved)
    cache.load()
    assert cache.proved == 2


def test_what_belongs_to_another_account_is_not_used(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.load()
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    cache.load()
    assert cache.proved == 2


@pytest.mark.parametrize("which", ["entry", "key"])
@pytest.mark.parametrize("way", ["writable", "link", "folder"])
def test_a_file_that_others_can_change_is_not_used(cache: Cache, which: str, way: str) -> None:
    cache.load()
    file = cache.entries[0] if which == "entry" else cache.state / "cache.key"
    if way == "writable":
        file.chmod(0o620)
    else:
        moved = file.rename(file.with_name("moved"))
        file.symlink_to(moved) if way == "link" else file.mkdir()
    cache.load()
    assert cache.proved == 2


@pytest.mark.parametrize("said", ["off", "OFF", "0", "no"])
def test_it_can_be_switched_off(cache: Cache, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(rule_cache.SWITCH, said)
    assert cache.load().id == "main"
    assert not cache.kept.parent.exists()
    assert not cache.state.parent.exists()


def test_where_no_folder_can_be_made_rules_load_as_ever(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, "/dev/null/none")
    cache.load()
    assert cache.load().id == "main"
    assert cache.proved == 2


def test_the_newest_entries_stay(cache: Cache) -> None:
    for count in range(MOST_ENTRIES + 3):
        cache.load()
        newest = max(cache.entries, key=lambda each: each.stat().st_mtime_ns)
        os.utime(newest, (count, count))
        cache.change_rules()
    assert len(cache.entries) == MOST_ENTRIES


def test_rules_with_a_problem_are_not_kept(cache: Cache) -> None:
    cache.change_rules("nonsense: here\n")
    for _ in range(2):
        with pytest.raises(DocumentError):
            cache.load()
    assert cache.entries == []


def test_only_commands_that_print_read_the_cache() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "screening").rglob("*.py"))
        if "rule_cache" in path.read_text("utf-8")
    ]
    assert readers == ["screening/cli/questionnaire/assess.py", "screening/cli/rules/ruleset.py"]
