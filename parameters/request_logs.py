"""What the request log can be asked for."""

from typing import Annotated

from pydantic import AfterValidator

from domain.model.hashes import JsonObject
from parameters.fields import Id, Limited, OneOf, invalid
from parameters.hashes import CreatedRange, ListParameters

KEY_MAX = 255
PATH_MAX = 500
CLASSES = {"2xx": (200, 299), "4xx": (400, 499), "5xx": (500, 599), "failed": (400, 599)}


def _status(given: str) -> str:
    if given not in CLASSES and not (given.isascii() and given.isdigit() and len(given) == 3):
        raise invalid(f"Invalid status: {given[:20]}; say a number such as 402, or one of {', '.join(CLASSES)}")
    return given


class RequestLogsListParameters(ListParameters):
    """Which requests."""

    created: CreatedRange | None = None
    method: Annotated[str | None, OneOf("DELETE", "GET", "POST")] = None
    status: Annotated[str | None, Limited(10), AfterValidator(_status)] = None
    operation: Annotated[str | None, Limited(100)] = None
    object: Id | None = None
    idempotency_key: Annotated[str | None, Limited(KEY_MAX)] = None
    error_code: Annotated[str | None, Limited(100)] = None
    path: Annotated[str | None, Limited(PATH_MAX)] = None

    def statuses(self) -> tuple[int, int] | None:
        """The statuses that are wanted: from, and to."""
        if self.status is None:
            return None
        return CLASSES.get(self.status) or (int(self.status), int(self.status))

    def exact(self) -> JsonObject:
        """What else has to be just so."""
        return self.model_dump(include={"method", "operation", "object", "idempotency_key", "error_code", "path"})
