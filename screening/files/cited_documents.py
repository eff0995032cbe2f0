"""Documents on disk, and whether the words quoted from them stand there."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from screening.core.rules.ruleset import Ruleset
from screening.core.values.citation import Citation, Source
from screening.errors import MissingFileError, Place, Problem
from screening.files.rule_files import load_ruleset
from screening.files.rule_texts import ruleset_names
from screening.formats.rules.quotes import (
    count_quote,
    has_heading,
    headings_above,
    is_own_heading,
    occurs_loosely,
    quotes_in,
)

Shelf = Mapping[str, "SourceCheck"]


@dataclass(slots=True)
class SourceCheck:
    """A source with all that is quoted from it, each passage with the ids of what rests on it."""

    source: Source
    quotes: dict[Citation, list[str]] = field(default_factory=dict[Citation, list[str]])


@dataclass(frozen=True, slots=True)
class Verdict:
    """The check of one source: the file that was read, if it was there, and the problems."""

    cited: SourceCheck
    path: Path | None
    problems: tuple[Problem, ...]

    @property
    def pinned(self) -> bool:
        """True if the rule file says which document is meant, so that a machine can verify it."""
        return self.cited.source.sha256 is not None


def load_shelf(folder: Path | None = None) -> dict[str, SourceCheck]:
    """Every source of every rule file of a folder; the shipped ones if none is named.

    Raises:
        DocumentError: if a rule file has problems.
    """
    return build_shelf(load_ruleset(name, folder) for name in ruleset_names(folder))


def build_shelf(rulesets: Iterable[Ruleset]) -> dict[str, SourceCheck]:
    """The sources of rulesets that may include one another, each source once."""
    shelf: dict[str, SourceCheck] = {}
    for ruleset in rulesets:
        for source in ruleset.sources.values():
            shelf.setdefault(source.id, SourceCheck(source))
        for citation, uses in quotes_in(ruleset).items():
            known = shelf[citation.source].quotes.setdefault(citation, [])
            known += [name for name in uses if name not in known]
    return shelf


def verify_sources(shelf: Shelf, folder: Path) -> list[Verdict]:
    """Look for every quoted passage in the document that its rule file pins.

    Args:
        shelf: the sources with their passages.
        folder: where the documents lie, under any name; they are known by their SHA-256.

    Returns:
        One verdict for each source, in the order of the shelf.

    Raises:
        MissingFileError: if a file of the folder cannot be read.
    """
    files = {_digest(path): path for path in sorted(folder.iterdir()) if path.is_file()}
    return [_verdict(cited, files) for cited in shelf.values()]


def _verdict(cited: SourceCheck, files: Mapping[str, Path]) -> Verdict:
    source = cited.source
    if source.sha256 is None:
        return Verdict(cited, None, ())
    path = files.get(source.sha256)
    if path is None:
        hint = f"no file there has the SHA-256 {source.sha256}"
        return Verdict(cited, None, (_problem(source, "missing-document", "not found", hint),))
    return Verdict(cited, path, tuple(_check(cited, path)))


def _check(cited: SourceCheck, path: Path) -> Iterator[Problem]:
    try:
        document = path.read_text("utf-8")
    except UnicodeDecodeError:
        hint = "only the words of plain UTF-8 text can be searched"
        yield _problem(cited.source, "not-text", f"{path.name} is not UTF-8 text", hint)
        return
    yield from _check_headings(cited, document, path.name)
    for citation, uses in cited.quotes.items():
        count = count_quote(citation, document)
        if count != 1:
            code = "repeated-quote" if count else "missing-quote"
            found = f"occurs {count} times" if count else "does not occur"
            message = f"“{citation.quote}” {found} in {path.name}"
            yield _problem(cited.source, code, message, _hint(citation, document, count, uses))
        else:
            yield from _check_place(cited, citation, document)


def _check_headings(cited: SourceCheck, document: str, name: str) -> Iterator[Problem]:
    """Each heading that is no line of the document, with all that is quoted from under it."""
    for heading in dict.fromkeys(citation.heading for citation in cited.quotes):
        if not is_own_heading(heading) and not has_heading(heading, document):
            message = f"no line of {name} is the heading “{heading}”"
            uses = [use for c, all_ in cited.quotes.items() if c.heading == heading for use in all_]
            hint = f"cited by {', '.join(dict.fromkeys(uses))}"
            near = get_close_matches(heading, [line.strip() for line in document.splitlines()], n=1)
            hint += f"; did you mean “{near[0]}”?" if near else ""
            yield _problem(cited.source, "missing-heading", message, hint)


def _check_place(cited: SourceCheck, citation: Citation, document: str) -> Iterator[Problem]:
    """A passage that occurs once, and under another heading than is cited."""
    heading = citation.heading
    wanted = "" if is_own_heading(heading) else heading
    headings = {each.heading for each in cited.quotes}
    if wanted and not has_heading(wanted, document):
        return
    found = headings_above(citation, document, headings)
    if found != [" ".join(wanted.split())]:
        message = f"“{citation.quote}” {_place(found)}, not under “{heading}”"
        hint = f"quoted by {', '.join(cited.quotes[citation])}"
        yield _problem(cited.source, "other-heading", message, hint)


def _place(found: list[str]) -> str:
    if not found:
        return "runs across a heading"
    return f"is under “{found[0]}”" if found[0] else "is above every cited heading"


def _hint(citation: Citation, document: str, count: int, uses: Iterable[str]) -> str:
    used = f"quoted by {', '.join(uses)}"
    if count:
        return f"{used}; say `prefix:` or `suffix:`, the words next to it"
    near = "; it is there with other capitals or punctuation"
    return used + (near if occurs_loosely(citation, document) else "")


def _problem(source: Source, code: str, message: str, hint: str) -> Problem:
    return Problem(code=code, message=message, place=Place(source=source.id), hint=hint)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise MissingFileError(str(path), error.strerror or "it cannot be opened") from None
