"""Addresses: who is really asking, behind trusted proxies."""

import ipaddress
from collections.abc import Sequence
from typing import Final

from starlette.types import Scope

from rag.settings import Network

UNKNOWN: Final = "unknown"  # who asks where the server cannot tell, as on a Unix socket


def client_address(scope: Scope, trusted: Sequence[Network]) -> str:
    """The address of who asks; X-Forwarded-For counts only as far back as trusted proxies wrote it.

    Each proxy adds at the right the address that it was asked from, so the list is read from the right
    and the first address that is no trusted proxy is the client's; what stands left of it, anybody may have made up.
    """
    client = scope.get("client")
    nearest = _canonical(str(client[0])) if client else UNKNOWN
    if not _is_in(nearest, trusted):
        return nearest
    lines = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    for told in reversed(b",".join(lines).decode("latin-1").split(",")):
        address = _canonical(told.strip())
        if address == UNKNOWN:
            break
        nearest = address
        if not _is_in(address, trusted):
            break
    return nearest


def household(address: str) -> str:
    """What one customer has: an IPv4 address, or the /64 of an IPv6 address, of which everybody has 2^64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address


def _canonical(written: str) -> str:
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return UNKNOWN
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _is_in(address: str, trusted: Sequence[Network]) -> bool:
    return address != UNKNOWN and any(ipaddress.ip_address(address) in network for network in trusted)
