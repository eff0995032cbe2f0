"""What a proof comes to where it fails."""

from dataclasses import dataclass

from screening.core.answer import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakness:
    """A proof that fails, at one subject, with the fewest answers that show it.

    ``kind`` is ``criterion``, ``item``, ``outcome`` or ``consistency``; ``subject`` its id.
    """

    code: str
    kind: str
    subject: str
    message: str
    patient: dict[str, Answer] | None = None


Checked = tuple[int, list[Weakness]]
"""How many cases were looked at, and what was found."""
