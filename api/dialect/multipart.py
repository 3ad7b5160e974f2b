"""Multipart requests: the one way to send a file. Decoded like a form, with the file as an `Upload` in its place."""

import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from api.dialect.errors import StripeError, invalid_request
from api.dialect.forms import put_text
from domain.model.hashes import JsonObject
from parameters.uploads import Upload

UPLOAD_BYTES_MAX = 5_242_880
"""Of a file that is evidence. docs.stripe.com/file-upload: 5 MB."""

REQUEST_BYTES_MAX = UPLOAD_BYTES_MAX + 65_536
"""With what stands around it."""

PARTS_MAX = 20
NAME_MAX = 255


def decode(content_type: str, body: bytes) -> JsonObject:
    """Decode `multipart/form-data`.

    Raises:
        StripeError: it is none, or has too many parts.
    """
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    # RFC 7578 has no encodings of parts, and RFC 2046 their form: a message without its envelope.
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    parts = [part for part in message.iter_parts() if isinstance(part, EmailMessage)] if message.is_multipart() else []
    if not parts or message.defects:
        raise invalid_request("Invalid request: the body is no multipart/form-data.")
    if len(parts) > PARTS_MAX:
        raise invalid_request(f"Invalid request: more than {PARTS_MAX} parts.")
    decoded: JsonObject = {}
    for part in parts:
        _place(decoded, part)
    return decoded


def _place(decoded: JsonObject, part: EmailMessage) -> None:
    name, filename = part.get_param("name", header="content-disposition"), part.get_filename()
    content = part.get_payload(decode=True)
    if not isinstance(name, str) or not isinstance(content, bytes):
        raise invalid_request("Invalid request: a part of it has no name.")
    if filename is None:
        put_text(decoded, name, content)
        return
    if len(content) > UPLOAD_BYTES_MAX:
        raise too_large()
    # Libraries send the path it was read from; only its name is kept.
    last = re.split(r"[/\\]", str(filename))[-1][:NAME_MAX]
    decoded[name] = Upload(last.encode(errors="replace").decode().replace("\x00", ""), content)


def without_files(decoded: JsonObject) -> JsonObject:
    """What was sent, for a log: of a file its name and its size."""
    return {
        name: {"filename": value.filename, "size": len(value.content)} if isinstance(value, Upload) else value
        for name, value in decoded.items()
    }


def too_large() -> StripeError:
    """The file is longer than any that is taken."""
    text = f"The file is too large; the limit is {UPLOAD_BYTES_MAX} bytes."
    return invalid_request(text, param="file", status=413)
