"""What stands around a PaymentIntent takes every parameter that Stripe's own library knows, and no other."""

from dataclasses import replace

import pytest

from api.build import OPERATIONS
from api.dialect.validation import validate
from tests.fidelity.parameter_types import Parameter, find, leaves, parameters_of, request_with, sample
from tests.fidelity.test_parameters import refusal

PARAMS_OF = {
    "accounts.create": "AccountCreateParams",
    "accounts.list": "AccountListParams",
    "accounts.retrieve": "AccountRetrieveParams",
    "accounts.retrieve_current": "AccountRetrieveCurrentParams",
    "accounts.update": "AccountUpdateParams",
    "application_fees.list": "ApplicationFeeListParams",
    "application_fees.retrieve": "ApplicationFeeRetrieveParams",
    "application_fees.refunds.create": "ApplicationFeeCreateRefundParams",
    "application_fees.refunds.list": "ApplicationFeeListRefundsParams",
    "application_fees.refunds.retrieve": "ApplicationFeeRetrieveRefundParams",
    "application_fees.refunds.update": "ApplicationFeeModifyRefundParams",
    "transfers.list": "TransferListParams",
    "transfers.retrieve": "TransferRetrieveParams",
    "transfers.update": "TransferModifyParams",
    "transfers.reversals.create": "TransferCreateReversalParams",
    "transfers.reversals.list": "TransferListReversalsParams",
    "transfers.reversals.retrieve": "TransferRetrieveReversalParams",
    "transfers.reversals.update": "TransferModifyReversalParams",
    "customer_sessions.create": "CustomerSessionCreateParams",
    "balance.retrieve": "BalanceRetrieveParams",
    "balance_transactions.list": "BalanceTransactionListParams",
    "balance_transactions.retrieve": "BalanceTransactionRetrieveParams",
    "disputes.list": "DisputeListParams",
    "disputes.retrieve": "DisputeRetrieveParams",
    "disputes.update": "DisputeModifyParams",
    "disputes.close": "DisputeCloseParams",
    "files.list": "FileListParams",
    "files.retrieve": "FileRetrieveParams",
    "payment_method_domains.create": "PaymentMethodDomainCreateParams",
    "payment_method_domains.list": "PaymentMethodDomainListParams",
    "payment_method_domains.retrieve": "PaymentMethodDomainRetrieveParams",
    "payment_method_domains.update": "PaymentMethodDomainModifyParams",
    "payment_method_domains.validate": "PaymentMethodDomainValidateParams",
    "tokens.retrieve": "TokenRetrieveParams",
    "charges.capture": "ChargeCaptureParams",
    "charges.create": "ChargeCreateParams",
    "charges.list": "ChargeListParams",
    "charges.retrieve": "ChargeRetrieveParams",
    "charges.search": "ChargeSearchParams",
    "charges.update": "ChargeUpdateParams",
}

MODELS = {operation.name: operation.parameters for operation in OPERATIONS}

OF_OWNERS = {"account_token", "company", "documents", "external_account", "groups", "individual", "settings"}
NOT_TAKEN = {"accounts.create": OF_OWNERS, "accounts.update": OF_OWNERS}
"""What is for verifying who somebody is, and for paying them out: nobody does that here, and so it is not kept."""

TAKEN_WHOLE = frozenset({"charges.create", "charges.capture"})
"""Operations that are always refused: what they are given is not looked into."""


def taken(operation: str) -> Parameter:
    """What Stripe's library knows, but for what is not taken here."""
    spec = parameters_of(PARAMS_OF[operation])
    fields = {name: one for name, one in spec.fields.items() if name not in NOT_TAKEN.get(operation, ())}
    return replace(spec, fields=fields)


@pytest.mark.parametrize("operation", NOT_TAKEN)
def test_what_is_not_taken_is_refused_and_not_kept(operation: str) -> None:
    known = parameters_of(PARAMS_OF[operation]).fields.keys()
    assert known >= NOT_TAKEN[operation]
    for name in NOT_TAKEN[operation]:
        assert (refusal(MODELS[operation], {name: "x"}) or "").startswith("Received unknown parameter: ")


@pytest.mark.parametrize("operation", PARAMS_OF)
def test_every_parameter_is_taken_and_comes_through(operation: str) -> None:
    spec, failed = taken(operation), []
    for path, parameter in leaves(spec):
        for value in parameter.values or (sample(parameter, *path),):
            request = request_with(spec, path, value)
            text = refusal(MODELS[operation], request)
            if text is not None:
                failed.append((path, value, text))
                continue
            kept = validate(MODELS[operation], request).model_dump(mode="json", exclude_unset=True)
            if find(kept, path) is None and value != {}:
                failed.append((path, value, "dropped"))
    assert failed == []


@pytest.mark.parametrize("operation", PARAMS_OF)
def test_a_name_that_nobody_knows_is_refused(operation: str) -> None:
    spec = taken(operation)
    for path, parameter in leaves(spec):
        if "metadata" in path or operation in TAKEN_WHOLE:
            continue
        request = request_with(spec, path, sample(parameter, *path))
        holder = find(request, path[:-1])
        if isinstance(holder, list):
            continue
        holder["nobody_knows"] = "1"
        text = refusal(MODELS[operation], request)
        assert text is not None, path
        assert text.startswith("Received unknown parameter: "), (path, text)
