"""A checker of PDF/UA that is independent of the library which writes our PDFs."""

import page


def pdf_ua_faults(made: bytes) -> list[str]:
    """The rules of PDF/UA-1 that a document breaks, with what the checker says of each."""
    report = page.validate_pdf_bytes(made, profile=page.ValidationProfile.PDF_UA_1)
    return [f"{each.rule_id}: {each.message}" for each in report.failures]
