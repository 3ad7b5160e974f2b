"""How the workflow of an intent is started, whoever starts it: the API for a command, housekeeping to wake it."""

from typing import Any

from temporalio.common import Priority, SearchAttributePair, TypedSearchAttributes

from domain.model.hashes import JsonObject
from domain.model.payment_intent import PaymentIntent
from domain.model.setup_intent import SetupIntent
from workflows import setup_display
from workflows.display import ACCOUNT, AMOUNT, CURRENCY, CUSTOMER, STATUS, memo, summary
from workflows.options import TASK_TIMEOUT

FAIRNESS_KEY_MAX = 64
"""Bytes; the server takes no longer ones."""


def fair(account: str) -> Priority:
    """Each account has its share of the workers, however many payments of another one wait for them.

    A server goes by it from 1.29 on, if told so (docs/OPERATING.md); any other passes it over.
    """
    return Priority(fairness_key=account[:FAIRNESS_KEY_MAX])


def start_options(intent: PaymentIntent, task_queue: str) -> JsonObject:
    """What is the same for a fresh intent and a revived one: its id, its queue, and what people read about it."""
    attributes: list[SearchAttributePair[Any]] = [
        SearchAttributePair(STATUS, str(intent.status)),
        SearchAttributePair(AMOUNT, intent.amount),
        SearchAttributePair(CURRENCY, intent.currency),
        SearchAttributePair(ACCOUNT, intent.account),
    ]
    if intent.customer:
        attributes.append(SearchAttributePair(CUSTOMER, intent.customer))
    return {
        "id": intent.id,
        "task_queue": task_queue,
        "task_timeout": TASK_TIMEOUT,
        "search_attributes": TypedSearchAttributes(attributes),
        "static_summary": summary(intent),
        "priority": fair(intent.account),
        "memo": memo(intent) or None,
    }


def setup_start_options(intent: SetupIntent, task_queue: str) -> JsonObject:
    """The same of a SetupIntent, which has no money to show."""
    attributes: list[SearchAttributePair[Any]] = [
        SearchAttributePair(STATUS, str(intent.status)),
        SearchAttributePair(ACCOUNT, intent.account),
    ]
    if intent.customer:
        attributes.append(SearchAttributePair(CUSTOMER, intent.customer))
    return {
        "id": intent.id,
        "task_queue": task_queue,
        "task_timeout": TASK_TIMEOUT,
        "search_attributes": TypedSearchAttributes(attributes),
        "static_summary": setup_display.summary(intent),
        "priority": fair(intent.account),
        "memo": memo(intent) or None,
    }
