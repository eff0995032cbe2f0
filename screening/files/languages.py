"""The other languages on disk: overlays beside the rule files, and catalogues of messages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from screening.core.rules.patient_words import PatientText, patient_texts, translate
from screening.core.rules.ruleset import Ruleset
from screening.errors import Place, Problem
from screening.files.rule_texts import ENDING, read_file, shown_path
from screening.formats.languages.catalogue import (
    Entry,
    Gap,
    Messages,
    read_entries,
    read_messages,
)
from screening.formats.languages.conventions import Conventions
from screening.formats.rules.overlay_file import Overlay, read_overlay
from screening.resources import PACKAGE, rules_folder
from screening.translation import Language, in_english

LOCALE = PACKAGE / "locale"
"""The catalogues; ``messages.pot`` is the template of all messages that patients read."""
TEMPLATE = "messages.pot"
CATALOGUE = Path("LC_MESSAGES", "messages.po")


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A language for the patient's pages, as far as its words go.

    ``checked`` is true once native speakers have read all of its rule words.
    """

    conventions: Conventions
    overlays: Mapping[str, Overlay]
    messages: Messages

    @property
    def language(self) -> Language:
        """The language, which says its messages."""
        return self.messages.language(self.conventions)

    @property
    def checked(self) -> bool:
        """True if a native speaker has read every overlay."""
        return all(each.checked_by for each in self.overlays.values())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The mistakes of its overlays."""
        return tuple(each for overlay in self.overlays.values() for each in overlay.problems)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The texts without words that translate the English of today."""
        words = (gap for overlay in self.overlays.values() for gap in overlay.gaps)
        return (*words, *self.messages.gaps)

    @property
    def withheld_for(self) -> tuple[Problem, ...]:
        """The emergency texts for which the language is not offered."""
        return tuple(gap.problem for gap in self.gaps if gap.emergency)

    def ruleset(self, english: Ruleset) -> Ruleset:
        """A ruleset with the patient's words of this language; those that it lacks in English."""

        def say(text: PatientText) -> str:
            overlay = self.overlays.get(text.file)
            return (overlay and overlay.words.get(text.key)) or in_english(text.text)

        return translate(english, say)


def load_translations(
    rulesets: Iterable[Ruleset], folder: Path | None = None, locale: Path = LOCALE
) -> list[Translation]:
    """The languages that there are words of, in the order of their tags.

    Args:
        rulesets: the rulesets whose words patients read.
        folder: that of the rule files; the shipped one if none is named.
        locale: the folder of the catalogues.
    """
    place = folder or rules_folder()
    texts = texts_by_file(rulesets)
    return [_load(tag, place, locale, texts) for tag in tags_in(locale)]


def texts_by_file(rulesets: Iterable[Ruleset]) -> dict[str, list[PatientText]]:
    """The patient's texts of rulesets by the name of their rule file, each once.

    A text that is for emergencies in one ruleset is so in all.
    """
    found: dict[str, dict[str, PatientText]] = {}
    for ruleset in rulesets:
        for text in patient_texts(ruleset):
            listed = found.setdefault(text.file, {})
            if text.emergency or text.key not in listed:
                listed[text.key] = text
    return {file: list(listed.values()) for file, listed in found.items()}


def overlay_path(folder: Path, tag: str, file: str) -> Path:
    """The place of the words of a rule file in a language."""
    return folder / tag / f"{file}{ENDING}"


def load_template(locale: Path = LOCALE) -> tuple[Entry, ...]:
    """Every message that patients read."""
    return _template(read_file(locale / TEMPLATE).decode())


def find_lost(rulesets: Iterable[Ruleset], folder: Path) -> list[Problem]:
    """The folders of words that no catalogue of messages belongs to, so that nobody reads them."""
    tags, files = tags_in(), [f"{file}{ENDING}" for file in texts_by_file(rulesets)]
    folders = (path for path in sorted(folder.iterdir()) if path.is_dir() and path.name not in tags)
    message = "there is no catalogue of messages for this language, so patients cannot choose it"
    return [
        Problem("missing-file", message, Place(shown_path(path)), "put its `messages.po` back")
        for path in folders
        if any((path / file).is_file() for file in files)
    ]


def tags_in(locale: Path = LOCALE) -> list[str]:
    """The tags of the languages that have a catalogue; none can be offered without."""
    return sorted(path.parts[-3] for path in locale.glob(f"*/{CATALOGUE}"))


def _load(
    tag: str, folder: Path, locale: Path, texts: Mapping[str, Sequence[PatientText]]
) -> Translation:
    overlays = {
        file: _overlay(overlay_path(folder, tag, file), tag, tuple(listed))
        for file, listed in texts.items()
    }
    return Translation(
        conventions=Conventions(tag), overlays=overlays, messages=_messages(locale, tag)
    )


def _overlay(path: Path, tag: str, texts: tuple[PatientText, ...]) -> Overlay:
    if path.is_file():
        return _read_overlay(shown_path(path), read_file(path), tag, texts)
    absent = Problem("missing-file", "the words are not there", Place(shown_path(path)))
    gaps = tuple(Gap(problem=absent, emergency=each.emergency) for each in texts)
    return Overlay(checked_by="", words={}, gaps=gaps, problems=())


def _messages(locale: Path, tag: str) -> Messages:
    path = locale / tag / CATALOGUE
    return _read_messages(_text_of(locale / TEMPLATE), shown_path(path), _text_of(path), tag)


def _text_of(path: Path) -> str:
    """The text of a catalogue; a broken letter is a change that nobody has reviewed."""
    return read_file(path).decode("utf-8-sig", errors="replace")


_template = cache(read_entries)
_read_overlay = cache(read_overlay)


@cache
def _read_messages(template: str, source: str, text: str, tag: str) -> Messages:
    try:
        wanted = _template(template)
    except ValueError as error:
        broken = Problem("not-po", f"this is no template: {error}", Place(TEMPLATE))
        return Messages(single={}, plural={}, gaps=(Gap(problem=broken, emergency=True),))
    return read_messages(wanted, source, text, Conventions(tag))
