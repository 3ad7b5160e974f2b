"""A file as a parameter. How it is read from a request is api/dialect/multipart.py."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: what it is called, and its bytes."""

    filename: str
    content: bytes

    @property
    def digest(self) -> str:
        """Equal for equal contents."""
        return hashlib.sha256(self.content).hexdigest()
