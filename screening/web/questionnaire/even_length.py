"""Fills the answers to a patient's form up to whole blocks, so that their length tells nothing.

Somebody who sees the traffic sees how long each answer is. Without this an alarm would show, for
its page is longer than a question. See docs/decisions/0015-first-page-and-lengths.md.
"""

from flask import Response, g, request

BLOCK = 32 * 1024
"""The pages of questions have 6 to 21 KiB, with an alarm above them or without."""
LONG_BLOCK = 64 * 1024
"""The page to check answers has 27 to 31 KiB, a sheet 31 to 51."""


def expect_long_page() -> None:
    """Say of the answer to this request that it is a long page, whatever its length."""
    g.long_page = True


def fill_answer(response: Response) -> Response:
    """Fill an answer to a form; a page that is read is the same for everybody."""
    if request.method == "POST" and response.mimetype == "text/html":
        block = LONG_BLOCK if g.get("long_page") else BLOCK
        response.set_data(pad(response.get_data(), block))
    return response


def pad(page: bytes, block: int) -> bytes:
    """A page with blanks at its end, up to the next whole block."""
    return page.ljust(-(-len(page) // block) * block)
