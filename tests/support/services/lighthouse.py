"""Lighthouse on the first page of patients and on a question; gives 1 if a score is below its goal.

Usage: python -m support.services.lighthouse CHROMIUM
"""

import json
import subprocess
import sys
from pathlib import Path
from threading import Thread

import waitress
from support.setup.node import node

from screening.web import create_app

SCRIPT = Path(__file__).parents[2] / "node" / "lighthouse" / "look.mjs"
GOALS = {"accessibility": 100, "best-practices": 100, "performance": 95}
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def main(chromium: str) -> int:
    """Print the scores of both pages beside the goals."""
    server = waitress.create_server(create_app(), host="127.0.0.1", port=0)
    Thread(target=server.run, daemon=True).start()
    address = f"http://127.0.0.1:{server.effective_port}/patient/"
    command = [node(), str(SCRIPT), address, chromium, *FLAGS]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    server.close()
    return max(show(*json.loads(line)) for line in said.splitlines())


def show(page: str, scores: dict[str, int]) -> int:
    """Print the scores of a page; gives 1 if one is below its goal."""
    for name, score in scores.items():
        print(f"{page}: {name} {score} (goal {GOALS[name]})")
    return int(any(score < GOALS[name] for name, score in scores.items()))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
