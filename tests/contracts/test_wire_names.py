"""Wire names and messages are forever: running payments were started with them."""

from pydantic import TypeAdapter

from activities.gateways import GatewayActivities
from activities.housekeeping import HousekeepingActivities
from activities.payments import PaymentActivities
from activities.reconciliation import ReconciliationActivities
from activities.setups import SetupActivities
from contracts import names
from contracts.messages import PaymentIntentStart
from domain.model.statuses import Status
from temporal.client import DATA_CONVERTER
from tests.support.builders import in_status
from workflows.gateway import GatewayWorkflow
from workflows.housekeeping import HousekeepingWorkflow
from workflows.payment_intent import PaymentIntentWorkflow
from workflows.reconciliation import ReconciliationWorkflow
from workflows.setup_intent import SetupIntentWorkflow


def test_the_names_are_these() -> None:
    assert names.TASK_QUEUE == "payments"
    definition = vars(PaymentIntentWorkflow)["__temporal_workflow_definition"]
    assert definition.name == "PaymentIntent"
    commands = {
        "confirm", "capture", "cancel", "update", "increment_authorization", "verify_microdeposits",
        "apply_customer_balance", "authentication_result", "refund", "refund_result", "check_settlement",
        "dispute", "update_dispute", "close_dispute", "modification_result", "resolve",
        "return_share",
    }  # fmt: skip
    # None takes what has no name of ours.
    signals = set(definition.signals) - {"park", "level", "release", None}
    assert set(definition.updates) == signals == set(names.COMMANDS) == commands
    assert "payment_intent" in definition.queries
    activities = ("carry_out", "ask_gateway", "record", "recall")
    for name in activities:
        method = getattr(PaymentActivities, name)
        assert vars(method)["__temporal_activity_definition"].name == name
    setup = vars(SetupIntentWorkflow)["__temporal_workflow_definition"]
    assert setup.name == "SetupIntent"
    told = {"confirm", "cancel", "update", "verify_microdeposits", "authentication_result", "resolve"}
    signals = set(setup.signals) - {"park", "level", "release", None}
    assert set(setup.updates) == signals == set(names.SETUP_COMMANDS) == told
    assert "setup_intent" in setup.queries
    doing = {"carry_out": "carry_out_setup", "ask_gateway": "ask_about_setup", "record": "record_setup",
             "recall": "recall_setup"}  # fmt: skip
    for method, name in doing.items():
        assert vars(getattr(SetupActivities, method))["__temporal_activity_definition"].name == name
    assert (names.HOUSEKEEPING_QUEUE, names.SWEEP_SCHEDULE, names.SWEEP_ALL_SCHEDULE) == (
        "housekeeping", "sweep", "sweep-all",
    )  # fmt: skip
    assert vars(HousekeepingWorkflow)["__temporal_workflow_definition"].name == "Housekeeping"
    for method, name in (("begin", "begin_sweep"), ("page", "sweep_page"), ("end", "end_sweep")):
        assert vars(getattr(HousekeepingActivities, method))["__temporal_activity_definition"].name == name
    assert names.RECONCILIATION_SCHEDULE == "reconciliation"
    assert vars(ReconciliationWorkflow)["__temporal_workflow_definition"].name == "Reconciliation"
    assert vars(ReconciliationActivities.reconcile)["__temporal_activity_definition"].name == "reconcile"
    breaker = vars(GatewayWorkflow)["__temporal_workflow_definition"]
    assert (breaker.name, set(breaker.signals)) == ("Gateway", {"trip", "pause", "drain", "resume"})
    assert set(breaker.queries) == {"gateway"}
    for name in ("keep_health", "await_gateway", "release_payments"):
        assert vars(getattr(GatewayActivities, name))["__temporal_activity_definition"].name == name
    assert names.SEARCH_ATTRIBUTES == {
        "PaymentIntentStatus": "Keyword",
        "PaymentIntentAmount": "Int",
        "PaymentIntentCurrency": "Keyword",
        "PaymentIntentCustomer": "Keyword",
        "PaymentIntentAccount": "Keyword",
    }


OLDEST_START = """{"intent": {"id": "pi_3", "account": "acct_1", "livemode": false, "created": 1790000000,
"client_secret": "pi_3_secret_x", "amount": 1099, "currency": "usd", "a_field_of_the_future": 1}}"""


def test_the_oldest_start_and_a_newer_one_are_still_read() -> None:
    start = TypeAdapter(PaymentIntentStart).validate_json(OLDEST_START)
    assert (start.intent.amount, start.intent.status) == (1_099, Status.REQUIRES_PAYMENT_METHOD)


async def test_every_state_survives_the_wire_and_nulls_stay_home() -> None:
    for status in Status:
        start = PaymentIntentStart(intent=in_status(status, metadata={"a": "1"}))
        payloads = await DATA_CONVERTER.encode([start])
        assert b": null" not in payloads[0].data
        assert b":null" not in payloads[0].data
        assert await DATA_CONVERTER.decode(payloads, [PaymentIntentStart]) == [start]


async def test_clearing_survives_the_wire() -> None:
    from domain.model.commands import Update

    update = Update(changes={"metadata": {"k": None}, "description": None})
    assert await DATA_CONVERTER.decode(await DATA_CONVERTER.encode([update]), [Update]) == [update]
