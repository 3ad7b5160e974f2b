"""What `make run` says when it is ready: where everything is, and what to do first."""

from urllib.parse import urlsplit

from contracts.gateways import SIMULATOR
from settings import Settings

TEXT = """
  Perdure is ready ({seconds:.1f} s)

  API                http://127.0.0.1:{api}         reference: http://127.0.0.1:{api}/docs
  Demo shop          http://127.0.0.1:{api}/demo    pay by card, bank debit, voucher, …, and watch
  Dashboard          http://127.0.0.1:{api}/dashboard    sign in with the secret key
  Temporal UI        http://127.0.0.1:{ui}         every PaymentIntent is a workflow, by its id
{simulators}
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
        simulators="\n".join(_simulators(settings)),
        data=settings.data_dir,
        secret=settings.secret_key,
        publishable=settings.publishable_key,
    )


def _simulators(settings: Settings) -> list[str]:
    """A line for each gateway that comes with us, its name where there are several."""
    ours = [each for each in settings.gateways if each.comes_with_us]
    names = [f"    called {each.name}" if len(ours) > 1 else "" for each in ours]
    titles = ["Gateway simulator" if each.kind == SIMULATOR else "An Adyen of ours" for each in ours]
    bases = [each.url.removesuffix(urlsplit(each.url).path) for each in ours]
    told = "         its book: /_ledger   faults: /_faults"
    return [f"  {title:18} {base}{told}{name}" for title, base, name in zip(titles, bases, names, strict=True)]
