"""Which network a request comes from, as far as the proxies in front of us can be believed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"
# A household or a phone has a whole /64 of IPv6 to itself, and could wear a new address for every post.
PREFIX_BITS = 64


def sender_of(request: HttpRequest) -> str:
    """Name the network prefix a request comes from.

    Each of the `TRUSTED_PROXIES` in front of us appends one entry to X-Forwarded-For; whatever stands before
    those was written by the client, and is believed by nobody.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    hops = settings.TRUSTED_PROXIES
    entries = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if hops and entries != [""]:
        return prefix_of(entries[-min(hops, len(entries))]) or prefix_of(peer) or UNKNOWN
    return prefix_of(peer) or UNKNOWN


def prefix_of(said: str) -> str:
    """Give an IPv4 address as it is and an IPv6 address cut to its network; "" for what is no address."""
    host = said
    if said.startswith("["):
        host = said[1:].partition("]")[0]
    elif said.count(":") == 1:  # an IPv4 address with a port
        host = said.partition(":")[0]
    try:
        address: IPv4Address | IPv6Address = ip_address(host)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or IPv6Address(int(address) >> PREFIX_BITS << PREFIX_BITS)
    return str(address)
