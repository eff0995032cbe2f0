"""The ledger for auditors: its size, its key, its verification, and a head for a witness."""

import json
import logging
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import cast

from flask import Blueprint, current_app, render_template

from screening.errors import ScreeningError
from screening.log_lines import where
from screening.records.access import Permission
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.signed_head import Verifier
from screening.records.operation.head_check import HeadCollection, confirm, report_silence
from screening.records.verification.chain import report_unkeyed
from screening.records.verification.verdict import UNREADABLE, Verdict
from screening.records.verification.verify import verify_ledger
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor, allowed
from screening.web.audit import changes
from screening.web.audit.signer import (
    NO_SIGNER,
    count_events,
    find_signer,
    too_large,
    why_not_signed,
)
from screening.web.shell.context import records
from screening.web.shell.long_work import (
    BUSY,
    LongWork,
    is_busy,
    one_at_a_time,
    stream_page,
)
from screening.web.shell.responses import Page, file_response

blueprint = Blueprint("ledger", __name__, url_prefix="/audit/ledger")
HEADS = "HEADS"
"""The setting of an application that gathers the heads that are known."""
VERIFY, HEAD = "screening ledger verify", "screening ledger head"
FAULTY = mark("The ledger has faults, so no head was signed. The faults are listed below.")

log = logging.getLogger(__name__)


@blueprint.get("")
@allowed(Permission.AUDIT)
def page() -> Page:
    """Show the ledger's size, and the key that signs its heads."""
    _record_look()
    return _page()


@blueprint.get("/verify")
@allowed(Permission.AUDIT)
def verify() -> Page:
    """Read every event and every row that the ledger covers. None of them is changed.

    So it has an address: to reload it verifies again, and sends no form.
    """
    _record_look()
    if trouble := too_large(VERIFY):
        return _page(trouble=trouble), HTTPStatus.SERVICE_UNAVAILABLE
    if is_busy():
        return _page(trouble=gettext(BUSY)), HTTPStatus.SERVICE_UNAVAILABLE
    gathered, signer = _gather(), find_signer()
    verifier = signer.verifier if signer else None
    work = LongWork(
        partial(verify_ledger, records(), gathered.heads if verifier else (), verifier),
        partial(_verified, gathered, verifier),
    )
    return stream_page("audit/ledger.html", work, **_context())


@blueprint.get("/head.jsonl")
@allowed(Permission.AUDIT)
def head() -> Page:
    """A signed head of the ledger as it is now, on one line, to be kept by somebody else."""
    _record_look()
    trouble, signer = why_not_signed(HEAD), find_signer()
    if trouble or signer is None:
        return _page(trouble=trouble or gettext(NO_SIGNER)), HTTPStatus.SERVICE_UNAVAILABLE
    with one_at_a_time() as free:
        if not free:
            return _page(trouble=gettext(BUSY)), HTTPStatus.SERVICE_UNAVAILABLE
        verdict = verify_ledger(records())
    if verdict.faults:
        return _page(verdict, gettext(FAULTY)), HTTPStatus.SERVICE_UNAVAILABLE
    try:
        signed = signer.head()
    except ScreeningError as error:
        return _page(
            verdict, gettext("No head: {problem}.", problem=error)
        ), HTTPStatus.SERVICE_UNAVAILABLE
    line = json.dumps(signed.write()) + "\n"
    return file_response(line.encode(), f"head-{signed.size}.jsonl")


def _verified(
    gathered: HeadCollection, verifier: Verifier | None, verdict: Verdict
) -> tuple[Verdict, str]:
    """Record that a ledger without faults was verified; the verdict, and what heads add to it."""
    report_silence(gathered, verdict)
    report_unkeyed(verdict)
    if not verdict.faults:
        record_event(records(), actor().id, EventKind.LEDGER_VERIFIED)
    return verdict, confirm(gathered, verdict, verifier).words


def _gather() -> HeadCollection:
    """The heads that this installation knows; an application without that setting knows none."""
    known = cast("Callable[[], HeadCollection] | None", current_app.config.get(HEADS))
    return known() if known else HeadCollection()


def _record_look() -> None:
    record_event(records(), actor().id, EventKind.LEDGER_READ)


def _page(verdict: Verdict | None = None, trouble: str = "") -> str:
    context = _context() | {"verdict": verdict, "trouble": trouble}
    return render_template("audit/ledger.html", work=None, **context)


def _context() -> dict[str, object]:
    signer = find_signer()
    return {
        "verdict": None,
        "vouching": "",
        "trouble": "",
        "events": count_events(),
        "verifier": signer.verifier if signer else None,
        "large": too_large(VERIFY),
        "no_head": why_not_signed(HEAD),
        "changes": _changes(),
        "BUSY": BUSY,
    }


def _changes() -> list[changes.Line] | None:
    """The newest changes; none if somebody wrote into the ledger what cannot be read."""
    try:
        return changes.lines()
    except (*UNREADABLE, KeyError) as error:
        log.error("%s at %s: %s", type(error).__name__, "audit changes", where(error))  # noqa: TRY400 - no texts
        return None
