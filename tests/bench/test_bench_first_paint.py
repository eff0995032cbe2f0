"""The benchmark of the first paint still runs; its figures say nothing here."""

import pytest
from bench import bench_first_paint
from playwright.sync_api import Browser

FAST = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}


@pytest.mark.long
def test_both_first_pages_are_painted_with_style_and_without(
    browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench_first_paint.report(browser, 1, FAST) > 0
    said = capsys.readouterr().out
    for page in bench_first_paint.PAGES:
        assert f"| {page} |" in said


def test_the_page_it_compares_with_has_no_style() -> None:
    page = bench_first_paint.bare_app().test_client().get("/patient/").text
    assert "<style" not in page
    assert ".css" not in page
    assert "patient.js" in page
