"""Decision 12 in simulation: a chain of events for each site, beside the one chain of today.

Usage: python tests/bench/simulate_ledger.py [SECONDS]

This is a simulation: the product has one chain. Processes do the same work with the product's own
code on the same PostgreSQL, once all into one chain, and once each into the chain of its site under
that chain's lock. Meanwhile the tree over the chains is signed every half second. Afterwards
everything is verified, then tampered with in a transaction that is rolled back, to see whether that
is found. ``bench_writers`` explains the columns.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread

from bench.bench_writers import HEAD, Figures, filled, made_server, measure, row, run
from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.orm import Session
from support.services.ledger_writers import BARE, EVENT, FAR, NEAR, SAVE
from support.setup import postgres
from support.storage import site_chains
from support.storage.site_chains import STRIDE, TreeSigner

from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Signer
from screening.records.storage.tables import EventRow
from screening.records.verification.rows import verify_covered
from screening.records.verification.verdict import Verdict

SITES = (2, 4, 8)
SECONDS = 4.0
KINDS = (NEAR, FAR, EVENT, SAVE)
EVERY = 0.5
Attack = Callable[[Session, int], None]
Found = set[str]


def seq(chain: int, place: int) -> int:
    """The number of an event by its place in a chain."""
    return chain * STRIDE + place


def _change(session: Session, chain: int) -> None:
    session.execute(update(EventRow).where(EventRow.seq == seq(chain, 3)).values(by=99))


def _remove(session: Session, chain: int) -> None:
    session.execute(delete(EventRow).where(EventRow.seq == seq(chain, 3)))


def _reorder(session: Session, chain: int) -> None:
    for old, new in ((3, STRIDE), (4, 3), (STRIDE, 4)):
        named = EventRow.seq == seq(chain, old)
        session.execute(update(EventRow).where(named).values(seq=seq(chain, new)))


def _insert(session: Session, chain: int) -> None:
    """Add an event at the end, as somebody without the keyring can."""
    newest = session.scalar(select(func.max(EventRow.seq)).where(_within(chain)))
    event = session.get_one(EventRow, newest)
    values = {each.key: getattr(event, each.key) for each in EventRow.__table__.columns}
    session.add(EventRow(**values | {"seq": event.seq + 1, "previous": event.hash}))
    session.flush()


def _cut(session: Session, chain: int) -> None:
    session.execute(delete(EventRow).where(_within(chain, 3)))


def _move(session: Session, chain: int) -> None:
    """Let a chain be another site's, which has none."""
    session.execute(update(EventRow).where(_within(chain)).values(seq=EventRow.seq + 9 * STRIDE))


def _within(chain: int, first: int = 1) -> ColumnElement[bool]:
    return EventRow.seq.between(seq(chain, first), seq(chain + 1, 0))


ATTACKS: dict[str, Attack] = {
    "an event changed": _change,
    "an event removed": _remove,
    "two events exchanged": _reorder,
    "an event added": _insert,
    "the end of a chain cut off": _cut,
    "a chain moved to another site": _move,
}


@contextmanager
def behind_the_back(records: Records) -> Iterator[Session]:
    """As somebody does who owns the database; all of it is undone."""
    with Session(records.database.engine) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
        session.rollback()


def find_faults(records: Records, signer: TreeSigner, session: Session) -> Found:
    """The codes of all faults: of chains, of signed heads, and of rows."""
    verdict, ring = Verdict(), records.keyring()
    verify_covered(session, verdict)
    found = site_chains.find_faults(session, ring, signer.heads, signer.signer.verifier)
    return {code for code, _ in found} | {each.code for each in verdict.faults}


def tamper(records: Records, signer: TreeSigner, chain: int) -> Iterator[tuple[str, Found]]:
    """Each attack on a chain, with the faults that are found then."""
    for name, attack in ATTACKS.items():
        with behind_the_back(records) as session:
            attack(session, chain)
            yield name, find_faults(records, signer, session)


@contextmanager
def signing(records: Records, every: float = EVERY) -> Iterator[TreeSigner]:
    """Sign the tree of all chains again and again, and once more at the end."""
    signer, ended = TreeSigner(Signer.make()), Event()

    def sign() -> None:
        while not ended.wait(every):
            _sign(records, signer)

    thread = Thread(target=sign)
    thread.start()
    try:
        yield signer
    finally:
        ended.set()
        thread.join()
        _sign(records, signer)


def _sign(records: Records, signer: TreeSigner) -> None:
    with records.database.reading() as session:
        signer.sign(session)


def simulate(
    server: postgres.Server, kind: str, sites: int, seconds: float
) -> tuple[Figures, dict[str, Found]]:
    """A process for each site writes into the chain of its site; all of it is verified."""
    with filled(server, sites) as (records, orders), signing(records) as signer:
        chained = [
            replace(each, kind=kind, seconds=seconds, chain=number)
            for number, each in enumerate(orders, start=1)
        ]
        found = run(server, chained)
        _sign(records, signer)
        with records.database.reading() as session:
            faults = find_faults(records, signer, session)
        assert not faults, faults
        return found, dict(tamper(records, signer, 1))


def main(seconds: float = SECONDS, sites: Sequence[int] = SITES) -> None:
    """Print tables of Markdown: the writes a second, and what is found of tampering."""
    print("A simulation: the product has one chain.\n", *HEAD, sep="\n")
    with made_server(durable=True) as server:
        base = measure(server, BARE, 1, seconds)
        for kind in KINDS:
            for many in sites:
                one = measure(server, kind, many, seconds)
                print(row(f"{kind}, one chain", many, one, base))
                several, tampered = simulate(server, kind, many, seconds)
                print(row(f"{kind}, a chain per site", many, several, base), flush=True)
    print("\n| tampering | found as |", "|---|---|", sep="\n")
    for name, codes in tampered.items():
        assert codes, name
        print(f"| {name} | {', '.join(sorted(codes))} |")


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else SECONDS)
