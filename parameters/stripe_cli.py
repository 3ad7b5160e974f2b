"""What Stripe's CLI says when it begins to listen: to events, or to the request log with its filters."""

import json
from typing import Annotated

from pydantic import AfterValidator

from domain.machine.limits import unstorable
from domain.model.hashes import JsonObject
from parameters.fields import Elements, Limited, OneOf, Text, invalid
from parameters.hashes import Parameters
from records.request_log import Tail

DEVICE_MAX = 255
FILTERS_MAX = 5_000
VALUES_MAX = 50

WEBHOOKS, REQUEST_LOGS = "webhooks", "request_logs"
CLASSES = {"200": (200, 299), "400": (400, 499), "500": (500, 599)}
OUTCOMES = {"SUCCEEDED": (200, 299), "FAILED": (400, 599)}

NOT_NOTED = "filter_ip_address"
"""What nobody could be shown by: from where a request came is not in the request log (ADR 0047)."""

KNOWN = frozenset(
    "filter_account filter_http_method filter_request_path filter_request_status filter_source filter_status_code "
    "filter_status_code_type".split()
)

Feature = Annotated[str, OneOf(WEBHOOKS, REQUEST_LOGS, "v2_events")]
"""`v2_events` are thin events, which are not sent here; the CLI asks for them beside the others."""


def _filters(given: str) -> str:
    try:
        read = json.loads(given)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise invalid("Invalid filters: not a JSON object")
    if read.get(NOT_NOTED):
        raise invalid("Invalid filters: from which address a request came is not in the request log")
    if unstorable(read):
        raise invalid("Invalid filters: they have characters that are none")
    for name, values in read.items():
        if name != NOT_NOTED and name not in KNOWN:
            raise invalid(f"Invalid filters: unknown filter {name[:50]}")
        if not isinstance(values, list) or len(values) > VALUES_MAX or not all(isinstance(v, str) for v in values):
            raise invalid(f"Invalid filters: {name} is to be a list of at most {VALUES_MAX} texts")
    _tail(read)
    return given


def _tail(read: dict[str, list[str]]) -> Tail:
    statuses = [_status(each) for each in read.get("filter_status_code", ())]
    kinds = [_named(CLASSES, each, "status code type") for each in read.get("filter_status_code_type", ())]
    outcomes = [_named(OUTCOMES, each, "request status") for each in read.get("filter_request_status", ())]
    sources = {each.upper() for each in read.get("filter_source", ())}
    return Tail(
        methods=tuple(each.upper() for each in read.get("filter_http_method", ())),
        paths=tuple(read.get("filter_request_path", ())),
        # Each kind of filter has to hold.
        statuses=tuple(tuple(each) for each in (statuses, kinds, outcomes) if each),
        nothing=bool(sources) and "API" not in sources,
    )


def _status(given: str) -> tuple[int, int]:
    if not (given.isascii() and given.isdigit() and len(given) == 3):
        raise invalid(f"Invalid filters: {given[:20]} is not a status code")
    return int(given), int(given)


def _named(known: dict[str, tuple[int, int]], given: str, what: str) -> tuple[int, int]:
    found = known.get(given.upper())
    if found is None:
        raise invalid(f"Invalid filters: {given[:20]} is not a {what}; say one of {', '.join(known)}")
    return found


class SessionParameters(Parameters):
    """Begin to listen. Which events are wanted, and where they are forwarded to, is the CLI's own business."""

    device_name: Annotated[str, Limited(DEVICE_MAX)]
    websocket_features: Annotated[list[Feature], Elements]
    filters: Annotated[Annotated[str, Limited(FILTERS_MAX)], AfterValidator(_filters)] | None = None
    forward_to_url: Text | None = None
    forward_connect_to_url: Text | None = None
    forward_thin_to_url: Text | None = None
    forward_thin_connect_to_url: Text | None = None

    def kept_filters(self) -> JsonObject:
        """As they are kept with the session."""
        read: JsonObject = json.loads(self.filters) if self.filters else {}
        return read


def tail_of(filters: JsonObject | None) -> Tail:
    """Which requests the filters of a session let through."""
    return _tail(filters or {})
