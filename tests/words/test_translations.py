"""What translators fill in has every text of today, and nothing else."""

from pathlib import Path

import pytest
from support import translations
from support.pages.pseudo_words import PSEUDO, write_words
from support.rulesets import shipped

from screening.files.languages import (
    CATALOGUE,
    LOCALE,
    TEMPLATE,
    load_template,
    load_translations,
    overlay_path,
    tags_in,
    texts_by_file,
)
from screening.formats.rules.overlay_text import write_overlay
from screening.resources import rules_folder

TAGS = tags_in()
AGAIN = "`make words` writes it again"


def test_the_template_has_the_messages_of_today() -> None:
    assert (LOCALE / TEMPLATE).read_text("utf-8") == translations.template(), AGAIN


def test_messages_about_help_are_marked_as_emergencies() -> None:
    grave = {each.english for each in load_template() if each.emergency}
    assert {"Get help now", "Call {number} now", "Do not wait to finish these questions."} <= grave
    assert {"Yes", "No", "I do not know"} <= grave
    assert "What to bring" not in grave


@pytest.mark.parametrize("tag", TAGS)
def test_the_files_of_a_language_are_as_they_are_written(tag: str) -> None:
    kept = (LOCALE / tag / CATALOGUE).read_text("utf-8")
    assert kept == translations.catalogue(tag, kept), AGAIN
    for file, texts in texts_by_file([shipped.ruleset()]).items():
        data = overlay_path(rules_folder(), tag, file).read_bytes()
        assert data.decode() == write_overlay(file, tag, texts, data), AGAIN


@pytest.mark.parametrize("tag", TAGS)
def test_no_overlay_has_a_problem(tag: str) -> None:
    (found,) = (x for x in load_translations([shipped.ruleset()]) if x.conventions.tag == tag)
    assert found.problems == ()


@pytest.mark.parametrize("tag", TAGS)
def test_every_translation_was_reviewed(tag: str) -> None:
    """As it is now, with the English of today."""
    (found,) = (x for x in load_translations([shipped.ruleset()]) if x.conventions.tag == tag)
    assert [str(gap.problem) for gap in found.gaps] == []


def test_translations_are_marked_as_reviewed_only_if_somebody_says_so(tmp_path: Path) -> None:
    """And whoever says so is shown each of them with its English."""
    write_words(tmp_path, "eo")
    path = overlay_path(tmp_path, "eo", "safety")
    text = path.read_text("utf-8")
    said = PSEUDO.gettext("It needs checking right now")[:12]
    path.write_text(text.replace(said, "Ne faru ion"), "utf-8")
    for accept in (False, True):
        pairs = list(translations.update(["eo"], tmp_path, tmp_path, accept=accept))
        assert pairs
        assert all("Ne faru ion" in each and "needs checking" in each for each in pairs)
    assert list(translations.update(["eo"], tmp_path, tmp_path)) == []


def test_spanish_and_arabic_are_shipped() -> None:
    assert TAGS == ["ar", "es"]
