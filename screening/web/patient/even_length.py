"""Pads the responses to a patient's form to one length, so that their length reveals nothing.

Anybody who sees the traffic sees how long each response is. Without padding an alarm would show,
because its page is longer than a question. See docs/decisions/0016-first-page-and-lengths.md.
"""

import struct
import zlib

from flask import Response, request

from screening.web.shell.language import is_of_patients

BLOCK = 28 * 1024
"""Compressed, every page and every file but a PDF fits: the longest sheet has 19 KiB, and 24 if
every field is full of letters that do not repeat."""
PLAIN_BLOCK = 224 * 1024
"""A page for what does not read gzip: the longest sheet has 159 KiB."""
FILE_BLOCK = 24 * 1024
"""A file for the same: a sheet as text has up to 11 KiB, and a file of answers up to 3."""
SAVED_BLOCK = 8 * 1024
"""A file of answers on the person's disk, from where it is sent as it is; it has up to 3 KiB."""
PDF_BLOCK = 128 * 1024
_PLAIN = {"text/html": PLAIN_BLOCK, "text/plain": FILE_BLOCK, "application/json": FILE_BLOCK}
_PDF_END = b"startxref"
_HEAD = b"\x1f\x8b\x08\x04" + b"\0\0\0\0" + b"\0\xff"
"""A gzip file with an extra field, of no time and no system (RFC 1952, 2.3)."""
_FIELD = struct.Struct("<H2sH")
"""The length of the extra field, the name of its one part, and the length of that."""
_TRAILER = struct.Struct("<II")
_LEVEL = 6


def fill_answer(response: Response) -> Response:
    """Fill an answer to a form; a page that is read is the same for everybody."""
    if request.method != "POST" or not is_of_patients():
        return response
    if response.mimetype == "application/pdf":
        response.set_data(pad_pdf(response.get_data(), PDF_BLOCK))
    elif response.mimetype in _PLAIN:
        response.vary.add("Accept-Encoding")
        content = response.get_data()
        if request.accept_encodings.quality("gzip") > 0:
            response.set_data(pack(content, BLOCK))
            response.headers["Content-Encoding"] = "gzip"
        else:
            response.set_data(pad(content, _PLAIN[response.mimetype]))
    return response


def pack(content: bytes, block: int) -> bytes:
    """Content as a gzip file that fills whole blocks by its extra field, which readers skip.

    Args:
        content: the bytes to compress.
        block: the bytes of a block, less than 64 KiB.
    """
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = packer.compress(content) + packer.flush()
    end = _TRAILER.pack(zlib.crc32(content), len(content) & 0xFFFFFFFF)
    size = len(_HEAD) + _FIELD.size + len(body) + len(end)
    missing = _whole(size, block) - size
    part = _FIELD.size - 2  # its name and length count as well
    return _HEAD + _FIELD.pack(missing + part, b"VS", missing) + bytes(missing) + body + end


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
