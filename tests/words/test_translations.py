"""What translators fill in has every text of today, and nothing else."""

from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError
from support import translations
from support.pages.pseudo_words import PSEUDO, write_words
from support.rulesets import shipped

from screening.errors import DocumentError
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


def test_a_pair_is_shown_before_it_is_marked_as_reviewed(tmp_path: Path) -> None:
    write_words(tmp_path, "eo")
    path = overlay_path(tmp_path, "eo", "safety")
    text = path.read_text("utf-8")
    said = PSEUDO.gettext("It needs checking right now")[:12]
    path.write_text(text.replace(said, "Ne faru ion"), "utf-8")
    before = path.read_bytes()
    assert "Ne faru ion" in next(translations.update(["eo"], tmp_path, tmp_path, accept=True))
    assert path.read_bytes() == before


@pytest.mark.parametrize("file", ["safety.yaml", "messages.po"])
@pytest.mark.parametrize("spoiled", [b"<<<<<<< HEAD\n", b"\xed\n"])
def test_a_file_that_cannot_be_read_is_left_as_it_is(
    tmp_path: Path, file: str, spoiled: bytes
) -> None:
    """Such as one that was merged by half: its translations would be lost."""
    write_words(tmp_path, "eo")
    (path,) = tmp_path.rglob(file)
    path.write_bytes(path.read_bytes() + spoiled)
    before = path.read_bytes()
    for accept in (False, True):
        with pytest.raises((DocumentError, ValueError, PoFileError)):
            list(translations.update(["eo"], tmp_path, tmp_path, accept=accept))
    assert path.read_bytes() == before


def test_a_catalogue_with_broken_letters_withholds_its_language(tmp_path: Path) -> None:
    """And the service starts all the same."""
    write_words(tmp_path, "eo")
    (path,) = tmp_path.rglob("messages.po")
    (tmp_path / TEMPLATE).write_bytes((LOCALE / TEMPLATE).read_bytes())
    (found,) = load_translations([shipped.ruleset()], tmp_path, tmp_path)
    assert found.withheld_for == ()
    path.write_bytes(path.read_text("utf-8").encode("utf-16-le"))
    (found,) = load_translations([shipped.ruleset()], tmp_path, tmp_path)
    assert found.withheld_for


@pytest.mark.parametrize(("tag", "yes", "no"), [("ar", "نعم", "لا"), ("es", "sí", "no")])
def test_yes_is_yes_and_no_is_no(tag: str, yes: str, no: str) -> None:
    """Accepting all translations at once cannot exchange these two."""
    (found,) = (x for x in load_translations([shipped.ruleset()]) if x.conventions.tag == tag)
    said = [found.messages.single[each].casefold() for each in ("Yes", "yes", "No", "no")]
    assert said == [yes, yes, no, no]


def test_spanish_and_arabic_are_shipped() -> None:
    assert TAGS == ["ar", "es"]


@pytest.mark.parametrize("damage", ["", "<<<<<<< one\n", 'msgid "\n'])
def test_a_damaged_template_withholds_every_language_and_stops_nothing(
    tmp_path: Path, damage: str
) -> None:
    write_words(tmp_path, "eo")
    template = tmp_path / TEMPLATE
    template.write_text(damage and damage + template.read_text("utf-8"), "utf-8")
    marked = (tmp_path / "eo" / CATALOGUE).read_text("utf-8")
    (tmp_path / "eo" / CATALOGUE).write_text(marked.replace("\nmsgid", "\n#. emergency\nmsgid"))
    (found,) = load_translations([shipped.ruleset()], tmp_path, tmp_path)
    assert found.withheld_for
