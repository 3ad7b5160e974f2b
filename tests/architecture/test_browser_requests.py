"""What the browser's library asks, it asks for the account and in the version that its page has named."""

import re

from settings import ROOT

_FORM = re.compile(r"\{[^{}]*\bkey: (?:this\.)?home\.key\b[^{}]*\}")


def test_every_form_that_has_the_key_has_the_account_and_the_version() -> None:
    forms = [form for path in ROOT.glob("browser/src/**/*.ts") for form in _FORM.findall(path.read_text())]
    assert len(forms) >= 6
    # To an element's own frame goes the key alone: what it sends was signed before.
    asked = [form for form in forms if 'perdure: "hello"' not in form]
    assert [form for form in asked if "home.signature" not in form] == []
