"""PaymentMethodDomain: Stripe's `payment_method_domain` object. Every wallet is active there: none has to be proven."""

from domain.model.hashes import JsonObject
from domain.model.method_domains import MethodDomain
from rendering.schema_words import BOOLEAN, INTEGER, STRING, hash_with, object_of

WALLETS = ("amazon_pay", "apple_pay", "google_pay", "klarna", "link", "paypal")

METHOD_DOMAIN = object_of(
    "payment_method_domain",
    **dict.fromkeys(WALLETS, hash_with(status=STRING)),
    created=INTEGER,
    domain_name=STRING,
    enabled=BOOLEAN,
    livemode=BOOLEAN,
)


def render(domain: MethodDomain) -> JsonObject:
    """The object."""
    return {
        "id": domain.id,
        "object": "payment_method_domain",
        **{wallet: {"status": "active" if domain.enabled else "inactive"} for wallet in WALLETS},
        "created": domain.created,
        "domain_name": domain.domain_name,
        "enabled": domain.enabled,
        "livemode": domain.livemode,
    }
