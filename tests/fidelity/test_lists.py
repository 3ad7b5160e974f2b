"""Every filter that Stripe's own library knows of a list or a search is taken, and none that it does not know."""

import pytest

from api.build import OPERATIONS
from tests.fidelity.parameter_types import parameters_of

LISTS = {
    "charges.list": "ChargeListParams",
    "charges.search": "ChargeSearchParams",
    "customers.list": "CustomerListParams",
    "customers.list_cash_balance_transactions": "CustomerListCashBalanceTransactionsParams",
    "customers.list_payment_methods": "CustomerListPaymentMethodsParams",
    "customers.search": "CustomerSearchParams",
    "disputes.list": "DisputeListParams",
    "events.list": "EventListParams",
    "payment_intents.list": "PaymentIntentListParams",
    "payment_intents.list_amount_details_line_items": "PaymentIntentListAmountDetailsLineItemsParams",
    "payment_intents.search": "PaymentIntentSearchParams",
    "payment_method_configurations.list": "PaymentMethodConfigurationListParams",
    "payment_methods.list": "PaymentMethodListParams",
    "refunds.list": "RefundListParams",
    "webhook_endpoints.list": "WebhookEndpointListParams",
}
OURS = {"webhook_endpoints.list": {"created"}}
"""What we take besides."""

TAKEN = {operation.name: set(operation.parameters.model_fields) for operation in OPERATIONS}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_the_filters_of_its_type(name: str) -> None:
    assert TAKEN[name] - OURS.get(name, set()) == set(parameters_of(LISTS[name]).fields)
