"""What `make run` says when it is ready: where everything is, and what to do first."""

from settings import Settings

TEXT = """
  Perdure is ready ({seconds:.1f} s)

  API                http://127.0.0.1:{api}         reference: http://127.0.0.1:{api}/docs
  Demo shop          http://127.0.0.1:{api}/demo    pay by card, bank debit, voucher, …, and watch
  Dashboard          http://127.0.0.1:{api}/dashboard    sign in with the secret key
  Temporal UI        http://127.0.0.1:{ui}         every PaymentIntent is a workflow, by its id
  Gateway simulator  http://127.0.0.1:{simulator}         its book: /_ledger   faults: /_faults
  Data               {data}

  Secret key         {secret}
  Publishable key    {publishable}

  Take a payment:
    curl http://127.0.0.1:{api}/v1/payment_intents -u {secret}: \\
      -d amount=1099 -d currency=usd -d payment_method=pm_card_visa -d confirm=true \\
      -d "allowed_payment_method_types[]=card"

  Ctrl-C stops everything; the next `make run` carries on.
"""


def banner(settings: Settings, seconds: float) -> str:
    """The banner."""
    return TEXT.format(
        seconds=seconds,
        api=settings.api_port,
        ui=settings.temporal_ui_port,
        simulator=settings.simulator_port,
        data=settings.data_dir,
        secret=settings.secret_key,
        publishable=settings.publishable_key,
    )
