"""How it reads when dynamic payment methods are refused: texts, and no rules. As Stripe's where they are known."""

from domain.refusals import Refusal


def return_url_required() -> Refusal:
    """Methods enabled by configuration may send the buyer away; they must be able to come back. Recorded live."""
    return Refusal(
        message="This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
        "these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you "
        "don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
    )


def no_type_fits() -> Refusal:
    """Of what the account offers, or the merchant allows, nothing can pay this."""
    return Refusal(
        message="No valid payment method types for this Payment Intent. Please ensure that you have activated payment "
        "methods compatible with your chosen currency in your dashboard "
        "(https://dashboard.stripe.com/settings/payment_methods) or specify payment_method_types when creating a "
        "Payment Intent.",
    )


def no_errors_on_action() -> Refusal:
    """Who leaves the types to us takes what may need the buyer. How the text begins is recorded; the rest is ours."""
    return Refusal(
        param="error_on_requires_action",
        message="The `error_on_requires_action` parameter can't be used with PaymentIntents which use payment methods "
        "managed through the Dashboard. Say which payment method types the PaymentIntent takes instead.",
    )
