"""The Python of README and of the tour runs as it stands, in the order in which it is read."""

import contextlib
import io
import re
from typing import Any

import stripe

from settings import ROOT
from tests.e2e.conftest import Running

API, SIMULATOR = "http://127.0.0.1:8000", "http://127.0.0.1:8010"


def test_every_snippet_runs_in_order(running: Running) -> None:
    pages = [(ROOT / name).read_text() for name in ("README.md", "docs/TOUR.md")]
    snippets = [code for page in pages for code in re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)]
    assert len(snippets) >= 5
    names: dict[str, Any] = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for code in snippets:
            exec(code.replace(API, running.url).replace(SIMULATOR, running.simulator), names)
    lines = printed.getvalue().splitlines()
    assert lines[0] == "succeeded"
    assert re.fullmatch(r"pi_\w+ 1099", lines[1]), "the search finds the payment that the page has made before"
    assert lines.count("succeeded") == 2
    client, transfer = names["client"], names["intent"].id
    assert isinstance(client, stripe.StripeClient)
    running.wait_for(lambda: client.v1.payment_intents.retrieve(transfer).status == "succeeded")
