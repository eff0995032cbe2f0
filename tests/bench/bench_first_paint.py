"""The first paint of a patient's first page on slow 3G, and that of the same page without style.

Usage: PYTHONPATH=tests python tests/bench/bench_first_paint.py [ROUNDS]

Chromium emulates the network, as its tools for developers do for "Slow 3G": 400 kbit/s, and two
seconds until an answer begins. Each paint is that of an empty browser profile. The page without
style comes from the same application, which leaves the style out before it compresses the page.
"""

import os
import re
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import waitress
from conftest import CHROMIUM_ARGUMENTS, ROOT
from flask import Flask, Response
from playwright.sync_api import Browser, sync_playwright
from support.rulesets import shipped

from screening.web import create_app

CHOSEN = ROOT / ".venv" / "chromium"
ROUNDS = 5
GOAL = 2.0
SLOW_3G = {"latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
STYLE = re.compile(rb"<style>.*?</style>|<link rel=\"(?:stylesheet|prefetch)\"[^>]*>", re.DOTALL)
FIRST_PAINT = """new Promise(found => new PerformanceObserver(list => {
  const paint = list.getEntriesByName("first-contentful-paint")[0];
  if (paint) found(paint.startTime);
}).observe({type: "paint", buffered: true}))"""
PAGES = ("/patient/", "/")


def without_style(response: Response) -> Response:
    """A page as it would be without any style."""
    if response.mimetype == "text/html":
        response.set_data(STYLE.sub(b"", response.get_data()))
    return response


def bare_app() -> Flask:
    """The application whose pages have no style."""
    app = create_app(shipped.ruleset())
    app.after_request(without_style)  # the last that is added is the first that is called
    return app


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of an application that runs."""
    server = waitress.create_server(app, host="127.0.0.1", port=0)
    Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


def first_paint(browser: Browser, address: str, network: dict[str, int]) -> float:
    """Milliseconds until something of a page is painted, in an empty profile."""
    with browser.new_context(viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        tools = context.new_cdp_session(page)
        tools.send("Network.enable")
        tools.send("Network.emulateNetworkConditions", {"offline": False, **network})
        page.goto(address, wait_until="commit")
        return float(page.evaluate(FIRST_PAINT))


def medians(
    browser: Browser, addresses: dict[str, str], rounds: int, network: dict[str, int]
) -> dict[str, float]:
    """The middle of the first paints of each address; they take turns."""
    times: dict[str, list[float]] = {name: [] for name in addresses}
    for _ in range(rounds):
        for name, address in addresses.items():
            times[name].append(first_paint(browser, address, network))
    return {name: statistics.median(each) for name, each in times.items()}


def report(browser: Browser, rounds: int, network: dict[str, int]) -> float:
    """Print the first paints and their ratios; gives the highest."""
    highest = 0.0
    print("| page | first paint, ms | without style, ms | ratio |\n|---|---|---|---|")
    with served(create_app(shipped.ruleset())) as styled, served(bare_app()) as bare:
        for page in PAGES:
            found = medians(browser, {"own": styled + page, "bare": bare + page}, rounds, network)
            ratio = found["own"] / found["bare"]
            times = " | ".join(f"{each:.0f}" for each in found.values())
            print(f"| {page} | {times} | {ratio:.2f} |", flush=True)
            highest = max(highest, ratio)
    return highest


def main(rounds: int = ROUNDS) -> int:
    """Measure in a browser of its own; gives 1 if a page is above the goal."""
    chromium = os.environ.get("CHROMIUM") or CHOSEN.read_text("utf-8").strip()
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS) as browser,
    ):
        highest = report(browser, rounds, SLOW_3G)
    print(f"\nGoal: at most {GOAL}.")
    return int(highest > GOAL)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS))
