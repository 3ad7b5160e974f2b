"""WebhookEndpoint, Stripe's object; and what Stripe's API has no word for: deliveries with their tries, listeners."""

from typing import Any

from domain.identifiers import application_id
from domain.model.hashes import JsonObject
from records.webhook_endpoints import Endpoint


def render(endpoint: Endpoint, *, with_secret: bool = False) -> JsonObject:
    """The object. The secret is shown once: when it was made."""
    rendered = {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "api_version": endpoint.api_version,
        "application": application_id(endpoint.account) if endpoint.connect else None,
        "created": endpoint.created,
        "description": endpoint.description,
        "enabled_events": list(endpoint.enabled_events),
        "livemode": endpoint.livemode,
        "metadata": endpoint.metadata,
        "status": "enabled" if endpoint.enabled else "disabled",
        "url": endpoint.url,
    }
    return rendered | ({"secret": endpoint.secrets[0].secret} if with_secret else {})


def render_listener(endpoint: Endpoint) -> JsonObject:
    """A listener. Its secret is shown whenever the account asks: it is for a developer's machine."""
    return {
        "id": endpoint.id,
        "object": "listener",
        "created": endpoint.created,
        "enabled_events": list(endpoint.enabled_events),
        "livemode": endpoint.livemode,
        "name": endpoint.name,
        "secret": endpoint.secrets[0].secret,
    }


def render_delivery(row: Any, attempts: list[Any]) -> JsonObject:
    """One event on its way to one endpoint, with every try. `next_attempt` is when the next one is due."""
    return {
        "id": row.id,
        "object": "webhook_delivery",
        "attempts": [
            {
                "created": attempt.created,
                "error": attempt.error,
                "latency_ms": attempt.latency_ms,
                "response_excerpt": attempt.excerpt,
                "response_status": attempt.status,
            }
            for attempt in attempts
        ],
        "created": row.created,
        "event": row.id,
        "livemode": row.livemode,
        "next_attempt": row.due,
        "status": row.state,
        "type": row.type,
    }
