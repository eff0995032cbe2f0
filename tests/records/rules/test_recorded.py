"""The rules that results were computed by are read once in a process, by their very texts."""

from collections.abc import Mapping

import pytest
from support.rulesets import shipped
from support.rulesets.shipped import held

from screening.core.rules.ruleset import Ruleset
from screening.files.rule_texts import load_texts
from screening.formats.rules.rule_text import RuleText
from screening.formats.rules.rulebook import read_recorded_ruleset
from screening.records.rules import recorded
from screening.records.rules.recorded import RulesetTextsError, read_recorded


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the rulesets that were read."""
    seen = list[str]()

    def read(name: str, texts: Mapping[str, RuleText], digest: str) -> Ruleset | None:
        seen.append(name)
        return read_recorded_ruleset(name, texts, digest)

    monkeypatch.setattr(recorded, "read_recorded_ruleset", read)
    return seen


def texts(remark: str) -> dict[str, str]:
    """The shipped rule files, with a remark that changes no rule."""
    read = {name: each.data.decode() for name, each in load_texts().items()}
    return read | {"documented": f"{read['documented']}\n# {remark}\n"}


def test_the_same_texts_are_read_once(readings: list[str]) -> None:
    kept, digest = texts("read once"), shipped.ruleset().digest
    first = read_recorded("documented", kept, digest)
    assert held(first) == held(shipped.ruleset())
    assert read_recorded("documented", dict(reversed(kept.items())), digest) is first
    assert readings == ["documented"]


def test_texts_that_were_changed_are_read_again_and_refused(readings: list[str]) -> None:
    kept, digest = texts("changed later"), shipped.ruleset().digest
    read_recorded("documented", kept, digest)
    spoilt = kept | {"documented": kept["documented"].replace("strength: must", "strength: may", 1)}
    assert spoilt != kept
    for _ in range(2):
        with pytest.raises(RulesetTextsError):
            read_recorded("documented", spoilt, digest)
    assert readings[:2] == ["documented"] * 2


def test_texts_are_no_rules_of_another_digest(readings: list[str]) -> None:
    kept = texts("another digest")
    read_recorded("documented", kept, shipped.ruleset().digest)
    with pytest.raises(RulesetTextsError):
        read_recorded("documented", kept, "0" * 64)
