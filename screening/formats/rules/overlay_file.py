"""Overlays: the patient's words of a rule file in another language, and nothing else.

``rules/es/questions.yaml`` holds the Spanish words of ``rules/questions.yaml``. Each has the key of
the text and a digest of key, English and translation as they were reviewed, so that a later change
shows. An overlay cannot name anything that a rule is decided by.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from screening.core.rules.patient_words import PatientText
from screening.errors import DocumentError, Place, Problem
from screening.formats.languages.catalogue import Gap
from screening.formats.languages.reviewed import digest_of_translation, is_left_in_english
from screening.formats.yaml.cursor import Cursor
from screening.formats.yaml.hints import did_you_mean, near
from screening.formats.yaml.reader import read_nodes

MOST_TIMES, MOST_MORE = 3, 60
"""A translation has at most so many times the characters of its English, and so many more."""
_LOGIC = "an overlay holds words of patients only; all else is in the rule file"
_CLOSE = did_you_mean("").partition("`")[0]
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """The words of a rule file in one language.

    ``words`` are those that were reviewed with the English of today, by their keys. ``checked_by``
    names the native speaker who has read them, if one has.
    """

    checked_by: str
    words: Mapping[str, str]
    gaps: tuple[Gap, ...]
    problems: tuple[Problem, ...]


def read_overlay(source: str, data: bytes, language: str, texts: Sequence[PatientText]) -> Overlay:
    """Read an overlay.

    Args:
        source: the name under which problems are reported.
        data: the bytes of the file.
        language: the tag of its folder.
        texts: every patient's text of its rule file.
    """
    known = {each.key: each for each in texts}
    try:
        node, reporter = read_nodes(source, data)
        reading = _Reading(known, language)
        if node is not None:
            reading.read(Cursor(node, reporter))
        problems = tuple(reporter.problems)
    except DocumentError as error:
        reading, problems = _Reading(known, language), error.problems
    return Overlay(
        checked_by=reading.checked_by,
        words=reading.words,
        gaps=tuple(reading.gaps(source)),
        problems=problems,
    )


class _Reading:
    def __init__(self, known: Mapping[str, PatientText], language: str) -> None:
        self._known, self._language = known, language
        self._unfit: dict[str, Problem] = {}
        self.checked_by = ""
        self.words: dict[str, str] = {}

    def read(self, root: Cursor) -> None:
        fields = root.fields(("language", "checked_by", "words"))
        if "language" in fields and fields["language"].word != self._language:
            message = f"the folder is `{self._language}`, and so must be the language"
            fields["language"].report("wrong-name", message, f"write `language: {self._language}`")
        if "checked_by" in fields:
            self.checked_by = " ".join(fields["checked_by"].word.split())
        for key, value in fields["words"].entries() if "words" in fields else ():
            if key.word in self._known:
                self._read_word(key, value, self._known[key.word])
            else:
                close = near(key.word, self._known)
                hint = close if close.startswith(_CLOSE) else _LOGIC
                key.report("unknown-field", f"no text of a patient is called `{key.word}`", hint)

    def gaps(self, source: str) -> Iterable[Gap]:
        """The texts without words that were reviewed with the English of today."""
        for key, text in self._known.items():
            if key not in self.words:
                absent = Problem("missing-words", f"`{key}` is not there", Place(source), _UPDATE)
                yield Gap(problem=self._unfit.get(key, absent), emergency=text.emergency)

    def _read_word(self, key: Cursor, value: Cursor, text: PatientText) -> None:
        fields = value.fields(("of", "text"))
        if "of" not in fields or "text" not in fields:
            return
        if not fields["text"].word.strip():
            message = f"`{key.word}` is not translated yet"
            self._unfit[key.word] = key.problem("untranslated", message)
            return
        said = fields["text"].sentence()
        if said is None or not _fits(said, text, fields["text"]):
            return
        if is_left_in_english(text.text, said):
            self._unfit[key.word] = key.problem("untranslated", f"`{key.word}` is in English")
            return
        digest = digest_of_translation(self._language, key.word, text.text, said)
        if fields["of"].word != digest:
            message = f"`{key.word}` or its English was changed, and nobody has reviewed it since"
            hint = f"if it says the same as “{text.text}”, write `of: {digest}`"
            self._unfit[key.word] = key.problem("not-reviewed", message, hint)
            return
        if self._is_distinct(key, fields["text"], said):
            self.words[key.word] = said

    def _is_distinct(self, key: Cursor, cursor: Cursor, said: str) -> bool:
        """False if another choice of the question has the same words; then neither is used."""
        owner, is_choice, _ = key.word.partition(".choices.")
        for other, words in list(self.words.items()) if is_choice else ():
            if other.startswith(f"{owner}.choices.") and words.casefold() == said.casefold():
                message, hint = (
                    f"the same words stand for `{other}`",
                    "say what makes the difference",
                )
                cursor.report("same-words", message, hint)
                self._unfit[key.word] = self._unfit[other] = key.problem("same-words", message)
                del self.words[other]
                return False
        return True


def _fits(said: str, text: PatientText, cursor: Cursor) -> bool:
    """True if a translation may be one, by its length and its numbers; else it is reported."""
    most = MOST_TIMES * len(text.text) + MOST_MORE
    if len(said) > most:
        cursor.report("too-long", f"this text has {len(said)} characters", f"at most {most} fit")
        return False
    if numbers_in(said) != numbers_in(text.text):
        message = "the numbers are not those of the English"
        wanted = ", ".join(numbers_in(text.text)) or "none in digits"
        cursor.report("other-numbers", message, f"in English: {wanted}")
        return False
    return True


def numbers_in(text: str) -> list[str]:
    """The numbers of a text in digits of any script, as 0 to 9, the smallest first."""
    return sorted((str(int(each)) for each in _NUMBER.findall(text)), key=int)


_UPDATE = "`make words` adds what is new"
