"""The heads that a verification uses, and whether an outside witness confirms the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from screening.records.installation.settings import Settings
from screening.records.ledger.signed_head import Head, Verifier, unreplaced_heads
from screening.records.verification.verdict import Verdict
from screening.records.witness.head_file import HeadFile
from screening.records.witness.head_targets import WitnessError, fetch_heads
from screening.translation import ngettext


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadCollection:
    """Heads from the file in the data folder, and from ``outside`` of it.

    ``silent`` says why the witness of the settings could not be asked. ``restarts`` are the heads
    by which a witness began again, as after a restore.
    """

    own: tuple[Head, ...] = ()
    outside: tuple[Head, ...] = ()
    silent: str = ""
    restarts: tuple[Head, ...] = ()

    @property
    def heads(self) -> tuple[Head, ...]:
        """All of them."""
        return self.own + self.outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """The part of the ledger that heads confirm: all events up to the ``last`` head.

    ``outside`` says whether heads outside the data folder do, and none contradicts the ledger.
    """

    outside: bool
    last: Head | None
    words: str


def gather_heads(settings: Settings, given: Sequence[Head] = ()) -> HeadCollection:
    """The heads of the file, those that the witness keeps, and others that were given.

    Raises:
        HeadError: if a file, or the witness, holds something else.
    """
    kept, silent = tuple(HeadFile(settings.heads_file).read()), ""
    elsewhere = not settings.heads_file.is_relative_to(settings.folder)
    sources = [given, kept if elsewhere else ()]
    if settings.witness:
        try:
            sources.append(fetch_heads(settings.witness))
        except WitnessError as error:
            silent = str(error)
    outside = tuple(head for source in sources for head in unreplaced_heads(source))
    restarts = tuple(head for source in sources for head in source if head.restart)
    own = () if elsewhere else kept
    return HeadCollection(own=own, outside=outside, silent=silent, restarts=restarts)


def words_of_restarts(gathered: HeadCollection) -> list[str]:
    """A sentence on each restart of a witness."""
    return [
        f"A witness started again on {head.restart.at:%Y-%m-%d} with {head.size} events. Its heads"
        f" from before count only up to event {head.restart.kept}. {head.restart.by} said why:"
        f" “{head.restart.reason}”"
        for head in gathered.restarts
        if head.restart
    ]


def report_silence(gathered: HeadCollection, verdict: Verdict) -> None:
    """A witness that cannot be asked is a fault: its heads may be the ones that contradict."""
    if gathered.silent:
        verdict.report("witness-silent", "witness", gathered.silent)


def confirm(gathered: HeadCollection, verdict: Verdict, verifier: Verifier | None) -> Confirmation:
    """The part of the ledger that heads confirm, or where one contradicts it, in words."""
    if words := _contradiction(gathered.outside, verdict):
        return Confirmation(
            outside=False, last=None, words=f"A head outside the data folder {words}"
        )
    if last := _last(gathered.outside, verifier):
        words = f"Heads outside the data folder confirm {_lag(last, verdict)}"
        return Confirmation(outside=True, last=last, words=words)
    if words := _contradiction(gathered.own, verdict):
        words = f"NO OUTSIDE WITNESS CONFIRMS THIS LEDGER. A head in the data folder {words}"
        return Confirmation(outside=False, last=None, words=words)
    if last := _last(gathered.own, verifier):
        words = (
            f"NO OUTSIDE WITNESS CONFIRMS THIS LEDGER. The heads in the data folder confirm"
            f" {_lag(last, verdict)} Somebody who can change the database and that folder can still"
            " hide what they did."
        )
        return Confirmation(outside=False, last=last, words=words)
    words = (
        "NO OUTSIDE WITNESS CONFIRMS THIS LEDGER. There is no signed head, so nothing shows whether"
        " the newest events were cut off or the database was replaced with an older copy."
    )
    return Confirmation(outside=False, last=None, words=words)


def _last(heads: Sequence[Head], verifier: Verifier | None) -> Head | None:
    """The largest head with a good signature."""
    by_size = sorted(heads, key=lambda head: (head.size, head.at), reverse=True)
    return next((head for head in by_size if verifier and verifier.accepts(head)), None)


def _contradiction(heads: Sequence[Head], verdict: Verdict) -> str:
    """The first place where a head contradicts the ledger, in words; empty if none does."""
    sizes = [head.size for head in heads if head in verdict.contradicted_by]
    if not sizes:
        return ""
    first, left = min(sizes), ngettext("{count} event", "{count} events", verdict.events)
    cut = f": only {left} {'is' if verdict.events == 1 else 'are'} left"
    return f"contradicts this ledger at event {first}{cut if first > verdict.events else ''}."


def _lag(last: Head, verdict: Verdict) -> str:
    later = verdict.events - last.size
    until = f"events 1 to {last.size}, the last of them at {last.at:%Y-%m-%d %H:%M} UTC."
    if later == 0:
        return until
    follow = "1 event follows" if later == 1 else f"{later} events follow"
    return f"{until} {follow}, which no head confirms yet."
