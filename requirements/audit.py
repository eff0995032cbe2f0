"""Looks for known weaknesses of the components at OSV, and says so if it cannot reach it.

Only names and versions are sent. Ends with 0 if OSV knows of none, 1 if it knows some, and 69 if it
could not be asked: then nothing is known.
"""

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

from components import Component, read_components

SERVICE = "https://api.osv.dev"
ECOSYSTEMS = {"pypi": "PyPI", "npm": "npm"}
FOUND, UNKNOWN = 1, 69
PATIENCE = 30
Failure = (OSError, ValueError, LookupError, TypeError)
"""What a network, or an answer of another form, can end with."""


def main(service: str = SERVICE) -> int:
    """Print every known weakness by component; gives the exit status."""
    components = read_components()
    try:
        found = dict(zip(components, _ask(service, components), strict=True))
    except Failure as error:
        print(f"{service} could not be asked: {error}", file=sys.stderr)
        print("Nothing is known about weaknesses of the components.", file=sys.stderr)
        return UNKNOWN
    for component, names in found.items():
        for name in names:
            print(f"{component.name} {component.version}: {name}  https://osv.dev/{name}")
    count = sum(map(len, found.values()))
    print(f"{len(components)} components, {count} known weaknesses.")
    return FOUND if count else 0


def _ask(service: str, components: list[Component]) -> Iterator[list[str]]:
    """The names of the weaknesses of each component, in their order."""
    asked = {"queries": [_query(each) for each in components]}
    request = urllib.request.Request(  # noqa: S310 - the address of this file, or of a test
        f"{service}/v1/querybatch",
        data=json.dumps(asked).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - as above
        results = json.load(answer)["results"]
    for each in results:
        yield [found["id"] for found in each.get("vulns", [])]


def _query(component: Component) -> dict[str, object]:
    package = {"name": component.name, "ecosystem": ECOSYSTEMS[component.kind]}
    return {"package": package, "version": component.version}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
