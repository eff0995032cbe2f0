"""The simulation of decision 12: its chains are whole, tampering is found, and nobody waits."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from bench import bench_writers, simulate_ledger
from bench.simulate_ledger import ATTACKS, Attack, behind_the_back, find_faults, signing
from support.casework.case_writes import added, answers, saved
from support.services.ledger_writers import BARE, NEAR, RESULT, SAVE
from support.setup import postgres as postgresql
from support.storage import databases, site_chains
from support.storage.database_owner import unguarded
from support.storage.databases import People
from support.storage.site_chains import TreeHead, TreeSigner

from screening.records.ledger.events import EventKind, append, record_event
from screening.records.ledger.records import Records
from screening.records.verification.verify import verify_ledger

pytestmark = pytest.mark.long

PATIENCE = 30
SITES = (1, 2)
EXPECTED = {
    "an event changed": {"event-changed", "past-rewritten"},
    "an event removed": {"event-missing", "chain-broken", "past-rewritten"},
    "two events exchanged": {"event-changed", "chain-broken", "past-rewritten"},
    "an event added": {"event-changed"},
    "the end of a chain cut off": {"chain-cut"},
    "a chain moved to another site": {"chain-cut", "event-changed"},
}
OF_ROWS = {"row-unknown", "row-changed", "row-missing"}


@pytest.fixture
def served(postgres: postgresql.Server) -> Iterator[Records]:
    with databases.postgresql_copy(postgres) as address, databases.open_records(address) as made:
        yield made


@pytest.fixture
def signer(served: Records) -> TreeSigner:
    """Cases with answers in two chains beside that of the installation, signed twice."""
    nurse = People(served).actor()
    cases = [added(served, nurse) for _ in SITES]
    with signing(served, every=1000.0) as found:
        for version in (1, 3):
            for chain, case_id in zip(SITES, cases, strict=True):
                with site_chains.writing_into(chain):
                    saved(served, nurse, case_id, version, answers(q=version))
                    saved(served, nurse, case_id, version + 1, answers(q=version + 1))
            with served.database.reading() as session:
                found.sign(session)
    return found


def faults(served: Records, signer: TreeSigner) -> set[str]:
    with served.database.reading() as session:
        return find_faults(served, signer, session)


def test_untouched_chains_have_no_fault(served: Records, signer: TreeSigner) -> None:
    first, second, _ = signer.heads
    assert [each.chain for each in second.chains] == [0, *SITES]
    assert [each.size for each in first.chains[1:]] == [4, 4]
    assert [each.size for each in second.chains[1:]] == [8, 8]
    assert faults(served, signer) == set()


@pytest.mark.parametrize("name", ATTACKS)
def test_tampering_with_a_chain_is_found(served: Records, signer: TreeSigner, name: str) -> None:
    with behind_the_back(served) as session:
        ATTACKS[name](session, SITES[0])
        assert find_faults(served, signer, session) - OF_ROWS >= EXPECTED[name]
    assert faults(served, signer) == set()


@pytest.mark.parametrize("attack", list(ATTACKS.values())[:4])
def test_the_same_is_found_in_the_one_chain_of_today(served: Records, attack: Attack) -> None:
    case_id = added(served, nurse := People(served).actor())
    saved(served, nurse, case_id, 1, answers(q=1))
    assert verify_ledger(served).faults == []
    with served.database.writing() as session, unguarded(session):
        attack(session, 0)
    assert verify_ledger(served).faults != []


def test_a_head_that_was_left_out_or_changed_is_found(served: Records, signer: TreeSigner) -> None:
    whole = signer.heads
    signer.heads = whole[1:]
    assert faults(served, signer) == {"head-signature"}
    signer.heads = [TreeHead(whole[0].chains[:-1], whole[0].signed)]
    assert faults(served, signer) == {"head-signature"}


@pytest.mark.parametrize("chain", SITES)
def test_only_a_writer_of_the_same_chain_waits(served: Records, chain: int) -> None:
    with site_chains.writing_into(1), served.database.writing() as session:
        append(session, served, by=0, kind=EventKind.SIGNED_IN)
        session.flush()
        with site_chains.writing_into(chain):
            waits = ThreadPoolExecutor(1).submit(_append, served)
            if chain == 2:
                waits.result(PATIENCE)
            else:
                with pytest.raises(TimeoutError):
                    waits.result(0.5)
    waits.result(PATIENCE)


def _append(served: Records) -> None:
    record_event(served, 0, EventKind.SIGNED_OUT)


def test_writes_are_measured_in_one_chain_and_in_several() -> None:
    with bench_writers.made_server(durable=False) as server:
        base = bench_writers.measure(server, BARE, 1, 0.1)
        for kind in (NEAR, SAVE):
            found, tampered = simulate_ledger.simulate(server, kind, 2, 0.3)
            assert len(tampered) == len(ATTACKS)
            assert all(tampered.values())
            assert kind in bench_writers.row(kind, 2, found, base)
        assert bench_writers.measure(server, RESULT, 1, 0.3).took
