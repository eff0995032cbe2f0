"""Sources and the passages quoted from them."""

import datetime as dt
from dataclasses import dataclass
from enum import Enum


class Basis(Enum):
    """The part of a source that the rule's author read."""

    READ_WHOLE = "read-whole"
    READ_PART = "read-part"
    SECONDARY = "secondary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A published document. Without ``sha256`` its words cannot be verified by machine."""

    id: str
    title: str
    publisher: str
    kind: str
    basis: Basis
    read_on: dt.date
    sha256: str | None = None
    address: str | None = None
    published: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A quoted passage, as a TextQuoteSelector of the W3C Web Annotation Data Model.

    ``prefix`` and ``suffix`` tell the passage from others with the same words.
    """

    source: str
    heading: str
    quote: str
    prefix: str = ""
    suffix: str = ""
