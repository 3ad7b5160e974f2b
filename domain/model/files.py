"""Files that merchants upload: evidence for disputes."""

from dataclasses import dataclass

KINDS = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
"""What evidence may be, by how it begins; what a file calls itself is not believed. docs.stripe.com/file-upload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file, without its content. `size` is in bytes, `type` one of KINDS."""

    id: str
    account: str
    livemode: bool
    created: int
    purpose: str
    filename: str
    size: int
    type: str


def kind_of(content: bytes) -> str | None:
    """What it is, by its first bytes; None for what nobody takes as evidence."""
    return next((kind for start, kind in KINDS.items() if content.startswith(start)), None)
