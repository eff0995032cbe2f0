"""Prints the bill of materials: CycloneDX 1.6 as JSON, from the lock files. No network is needed.

The same lock files give the same document: it has no date and no random number.
"""

import json
import re
import sys
import uuid

from components import ROOT, Component, read_components

SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"


def main() -> int:
    """Print it."""
    print(json.dumps(bill(read_components()), indent=1))
    return 0


def bill(components: list[Component]) -> dict[str, object]:
    """The document."""
    listed = [_entry(each) for each in sorted(components)]
    content = json.dumps(listed).encode().hex()
    return {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, content)}",
        "version": 1,
        "metadata": {"component": _product()},
        "components": listed,
        "dependencies": [
            {"ref": "screening", "dependsOn": [each.purl for each in sorted(components)]},
        ],
    }


def _product() -> dict[str, object]:
    text = (ROOT / "screening" / "__init__.py").read_text("utf-8")
    (version,) = re.findall(r'__version__ = "(.+)"', text)
    return {
        "type": "application",
        "bom-ref": "screening",
        "name": "screening",
        "version": version,
        "licenses": [{"license": {"id": "MIT"}}],
    }


def _entry(component: Component) -> dict[str, object]:
    return {
        "type": "library",
        "bom-ref": component.purl,
        "name": component.name,
        "version": component.version,
        "purl": component.purl,
        "hashes": [{"alg": alg, "content": content} for alg, content in component.hashes],
    }


if __name__ == "__main__":
    sys.exit(main())
