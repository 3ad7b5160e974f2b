"""File: Stripe's `file` object. Its content is had by its `url`, with a key."""

from domain.model.files import File
from domain.model.hashes import JsonObject
from rendering.schema_words import HASH, INTEGER, NUMBER, STRING, TEXT, nullable, object_of

FILE = object_of(
    "file",
    created=INTEGER,
    expires_at=NUMBER,
    filename=TEXT,
    links=nullable(HASH),
    purpose=STRING,
    size=INTEGER,
    title=TEXT,
    type=TEXT,
    url=TEXT,
)


def render(file: File, address: str) -> JsonObject:
    """The object; `address` is where the API was asked."""
    return {
        "id": file.id,
        "object": "file",
        "created": file.created,
        "expires_at": None,
        "filename": file.filename,
        "links": {"object": "list", "data": [], "has_more": False, "url": f"/v1/file_links?file={file.id}"},
        "purpose": file.purpose,
        "size": file.size,
        "title": None,
        "type": file.type,
        "url": f"{address}/v1/files/{file.id}/contents",
    }
