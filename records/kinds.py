"""Objects by kind, as error messages call them: whether there is one at all."""

from records.balance_tables import balance_transactions
from records.cash_balance_tables import cash_balance_transactions
from records.connect_tables import connected_accounts
from records.database import Database
from records.file_tables import files
from records.scope import Scope, one
from records.setup_tables import setup_attempts, setup_intents
from records.share_tables import share_returns, shares
from records.tables import (
    charges,
    confirmation_tokens,
    customers,
    disputes,
    events,
    mandates,
    payment_intents,
    payment_method_configurations,
    payment_methods,
    refunds,
    webhook_endpoints,
)
from records.token_tables import ephemeral_keys, payment_method_domains, tokens

TABLES = {
    "account": connected_accounts,
    "application_fee": shares,
    "fee_refund": share_returns,
    "transfer": shares,
    "transfer_reversal": share_returns,
    "PaymentMethod": payment_methods,
    "balance transaction": balance_transactions,
    "charge": charges,
    "confirmation_token": confirmation_tokens,
    "customer": customers,
    "customer_cash_balance_transaction": cash_balance_transactions,
    "dispute": disputes,
    "ephemeral_key": ephemeral_keys,
    "event": events,
    "file upload": files,
    "webhook_endpoint": webhook_endpoints,
    "mandate": mandates,
    "payment_intent": payment_intents,
    "payment_method_configuration": payment_method_configurations,
    "payment_method_domain": payment_method_domains,
    "refund": refunds,
    "setupattempt": setup_attempts,
    "setupintent": setup_intents,
    "token": tokens,
}


async def exists(database: Database, scope: Scope, kind: str, id_: str) -> bool:
    """Whether an object of this kind is in this scope."""
    table = TABLES.get(kind)
    if table is None:
        return False
    return await one(database, table, scope, id_, "id") is not None
