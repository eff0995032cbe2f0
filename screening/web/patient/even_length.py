"""Fills the answers to a patient's form up to whole blocks, so that their length tells nothing.

Somebody who sees the traffic sees how long each answer is. Without this an alarm would show, for
its page is longer than a question. See docs/decisions/0016-first-page-and-lengths.md.
"""

from flask import Response, g, request

from screening.web.shell.language import OF_PATIENTS

BLOCK = 32 * 1024
"""The pages of questions have 6 to 30 KiB, with an alarm above them or without."""
CHECK_BLOCK = 48 * 1024
"""The page to check answers has 20 to 41 KiB."""
SHEET_BLOCK = 224 * 1024
"""A sheet has 55 to 200 KiB, if every sign is there: Arabic letters take two bytes each."""
FILE_BLOCK = 24 * 1024
"""A sheet as text has 4 to 16 KiB, and a file of answers up to 3."""
PDF_BLOCK = 128 * 1024
_BLOCKS = {"text/plain": FILE_BLOCK, "application/json": FILE_BLOCK, "application/pdf": PDF_BLOCK}
_PDF_END = b"startxref"


def expect_block(size: int) -> None:
    """Say how long the blocks of the answer to this request are, whatever its length."""
    g.block = size


def fill_answer(response: Response) -> Response:
    """Fill an answer to a form; a page that is read is the same for everybody."""
    is_answer = request.method == "POST" and request.blueprint in OF_PATIENTS
    if is_answer and response.mimetype in {"text/html", *_BLOCKS}:
        block = _BLOCKS.get(response.mimetype, g.get("block", BLOCK))
        content = response.get_data()
        is_pdf = response.mimetype == "application/pdf"
        response.set_data(pad_pdf(content, block) if is_pdf else pad(content, block))
    return response


def pad(page: bytes, block: int) -> bytes:
    """A page with blanks at its end, up to the next whole block."""
    return page.ljust(_whole(len(page), block))


def pad_pdf(made: bytes, block: int) -> bytes:
    """A PDF with a comment before its last line but two, which is where readers begin."""
    head, end, tail = made.rpartition(_PDF_END)
    if not end:
        return made
    missing = _whole(len(made) + len(b"%\n"), block) - len(made) - len(b"%\n")
    return head + b"%" + b" " * missing + b"\n" + end + tail


def _whole(size: int, block: int) -> int:
    return -(-size // block) * block
