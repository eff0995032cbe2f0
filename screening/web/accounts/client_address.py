"""The origin of a request, for limits: one place for everything that one sender can vary.

A sender chooses its port, and the owner of an IPv6 address has the 2^64 addresses of its network.
"""

import ipaddress

from flask import request

_NETWORK = 64
_LONGEST = 64  # of what is no address


def place_of_request() -> str:
    """The place that the request of now comes from."""
    address = request.remote_addr or ""
    port = str(request.environ.get("REMOTE_PORT", ""))
    # waitress cuts what a proxy forwards at its last colon, which in ::ffff:192.0.2.1 is no port's.
    return place_of(f"{address}:{port}" if "." in port else address)


def place_of(address: str) -> str:
    """The place of an address as a proxy may write it: with brackets, a port, a zone, or without.

    An IPv4 address is a place, also where it is mapped into IPv6; of IPv6 a /64 network is one.
    """
    found = _read(address.strip().strip('"'))
    if found is None:
        return address[:_LONGEST]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((int(found), _NETWORK), strict=False))
    return str(found)


def _read(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
