"""Parameters of events, webhook endpoints, and listeners."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from contracts.api_versions import KNOWN
from domain.spelling import meant
from domain.webhooks import ROTATION_SECONDS_MAX
from parameters.event_types import EVENT_TYPES
from parameters.fields import (
    Boolean,
    Bounded,
    Clear,
    Elements,
    Id,
    Integer,
    Limited,
    Metadata,
    OneOf,
    Text,
    Url,
    invalid,
)
from parameters.hashes import CreatedRange, ListParameters, Parameters
from rendering.versions.leading_back import newest_name

URL_SCHEMES = ("http", "https")
TYPES_MAX = 20
ACKNOWLEDGED_MAX = 1_000
WAIT_SECONDS_MAX = 25


def _web_url(value: str) -> str:
    if value.partition("://")[0].lower() not in URL_SCHEMES:
        raise invalid(f"Invalid URL: {value[:100]} must start with https:// or http://.", "url_invalid")
    return value


def _event_types(value: list[str]) -> list[str]:
    if not value:
        raise invalid("At least one event type is needed; '*' means all.")
    older = newest_name()
    value = [older.get(name, name) for name in value]
    unknown = [name for name in value if name not in EVENT_TYPES]
    if unknown:
        name = unknown[0][:100]
        raise invalid(f"Invalid enabled_events: {name} is not an event type.{meant(name, EVENT_TYPES)}")
    return list(dict.fromkeys(value))


def _types(value: list[str]) -> list[str]:
    if len(value) > TYPES_MAX:
        raise invalid(f"You may ask for at most {TYPES_MAX} types; {len(value)} were given.")
    return value


def _a_list(value: Any) -> Any:
    """One word is a list of one, as people type it."""
    return [value] if isinstance(value, str) and value else value


EnabledEvents = Annotated[list[Text], AfterValidator(_event_types), Elements, BeforeValidator(_a_list)]
WebUrl = Annotated[Url, AfterValidator(_web_url)]
ApiVersion = Annotated[str, OneOf(*sorted(KNOWN))]
DeliveryState = Annotated[str, OneOf("pending", "under_way", "delivered", "failed", "canceled")]


class EventsListParameters(ListParameters):
    """List events. `type` may end in `*`."""

    created: CreatedRange | None = None
    delivery_success: Boolean | None = None
    type: Text | None = None
    types: Annotated[list[Text], AfterValidator(_types), Elements] | None = None


class ResendParameters(Parameters):
    """Deliver an event again: to one endpoint, or to all."""

    webhook_endpoint: Id | None = None


class EndpointCreateParameters(Parameters):
    """Create a webhook endpoint."""

    url: WebUrl
    enabled_events: EnabledEvents
    api_version: ApiVersion | None = None
    connect: Boolean | None = None
    description: Annotated[Annotated[str, Limited(5_000)] | None, Clear] = None
    metadata: Annotated[Metadata | None, Clear] = None


class EndpointUpdateParameters(Parameters):
    """Update a webhook endpoint."""

    url: WebUrl | None = None
    enabled_events: EnabledEvents | None = None
    disabled: Boolean | None = None
    description: Annotated[Annotated[str, Limited(5_000)] | None, Clear] = None
    metadata: Annotated[Metadata | None, Clear] = None


class EndpointsListParameters(ListParameters):
    """List webhook endpoints."""

    created: CreatedRange | None = None


class RotateParameters(Parameters):
    """Give an endpoint a new secret. The old one signs as well for `overlap_seconds` more.

    Those before it sign as long as they were promised; without an overlap, all of them end at once.
    """

    overlap_seconds: Annotated[Integer, Bounded(0, ROTATION_SECONDS_MAX)] = 0


class DeliveriesListParameters(ListParameters):
    """List an endpoint's deliveries."""

    status: DeliveryState | None = None
    event: Id | None = None


class ListenerParameters(Parameters):
    """Create a listener, or find the one of this name."""

    name: Annotated[str, Limited(100)] = "default"
    enabled_events: EnabledEvents | None = None
    api_version: ApiVersion | None = None
    """In which its events are shown; without it, in that of the account."""


class ListenParameters(Parameters):
    """Ask for events that have not been acknowledged; `wait_seconds` for the first of them, if there is none yet."""

    limit: Annotated[Integer, Bounded(1, 100)] = 100
    wait_seconds: Annotated[Integer, Bounded(0, WAIT_SECONDS_MAX)] = 0


class AcknowledgeParameters(Parameters):
    """These events have been taken."""

    events: Annotated[list[Id], Elements]
