"""URLs of endpoints, as they are stored and sent to: ASCII, or refused with a reason that their owner can read.

A browser would make something of almost any text. What is sent to is a name or an address, by http or https, and
nothing else; whether the address is one that may be sent to is addresses.py.
"""

import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import idna

URL_MAX = 2_048
"""Longer than any endpoint, and as long as what stands between us and it is likely to take."""

HOST_MAX = 253

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
"""Names as they are in use, underscores included (Docker's)."""

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_ESCAPE_ELSEWHERE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AS_IT_IS = "%/:?@!$&'()*+,;=-._~"


class UrlRefused(ValueError):
    """Nothing can be sent there; the message says why, as the end of a sentence about the URL."""


def sendable(text: str) -> str:
    """The URL in ASCII: names by IDNA (UTS 46), the rest percent-encoded. One that is in order stays as it is.

    Raises:
        UrlRefused: it is none that can be sent to.
    """
    if len(text) > URL_MAX:
        raise UrlRefused(f"must be at most {URL_MAX} characters long")
    for character in text:
        if unicodedata.category(character)[0] in "CZ" or character == "\\":
            raise UrlRefused(f"must not contain the character {character!a}")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UrlRefused("must have a host, and a port from 1 to 65535 if any") from error
    _check(text, parts, port)
    netloc = _ascii_host(host, bracketed="[" in parts.netloc) + (f":{port}" if port is not None else "")
    if text.isascii() and netloc.lower() == parts.netloc.lower() and not _ESCAPE_ELSEWHERE.search(text):
        return text
    path, query = (quote(_ESCAPE_ELSEWHERE.sub("%25", part), safe=_AS_IT_IS) for part in (parts.path, parts.query))
    made = urlunsplit((parts.scheme.lower(), netloc, path, query, ""))
    if len(made) > URL_MAX:
        raise UrlRefused(f"must be at most {URL_MAX} characters long, once it is encoded")
    return made


def _check(text: str, parts: SplitResult, port: int | None) -> None:
    if parts.scheme.lower() not in ("http", "https"):
        raise UrlRefused("must start with https:// or http://")
    if "@" in parts.netloc:
        raise UrlRefused("must not contain a user name or password, which would not be sent")
    if "#" in text:
        raise UrlRefused("must not contain a fragment (#…), which would not be sent")
    if not parts.hostname:
        raise UrlRefused("must have a host")
    if port == 0 or (port is None and parts.netloc.endswith(":")):
        raise UrlRefused("must have a host, and a port from 1 to 65535 if any")


def _ascii_host(host: str, *, bracketed: bool) -> str:
    """A name or an address.

    Raises:
        UrlRefused: it is neither, or it is an address that only some programs would understand.
    """
    if bracketed:
        try:
            return f"[{_plain_ipv6(host)}]"
        except ValueError as error:
            raise UrlRefused("must have a valid IPv6 address in its brackets") from error
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except (idna.IDNAError, UnicodeError) as error:
            raise UrlRefused(f"must have a valid host name ({error})"[:200]) from error
    labels = host.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            raise UrlRefused("must write an IP address as four numbers") from error
    if len(host) > HOST_MAX or not all(_LABEL.fullmatch(label) for label in labels):
        raise UrlRefused("must have a valid host name")
    try:
        for label in labels:
            if label.lower().startswith("xn--"):
                idna.ulabel(label)
    except (idna.IDNAError, UnicodeError) as error:
        raise UrlRefused(f"must have a valid host name ({error})"[:200]) from error
    return host


def _plain_ipv6(host: str) -> str:
    if "%" in host:
        raise ValueError("a zone is of one machine only")
    ipaddress.IPv6Address(host)
    return host
