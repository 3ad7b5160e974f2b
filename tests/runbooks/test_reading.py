"""What the documents tell operators to type is what the command line takes: its commands, its options, their values."""

from pathlib import Path

import pytest

from cli.__main__ import made_parser
from settings import ROOT
from tests.runbooks.reading import DOCUMENTS, Runbook, commands, runbooks

EXAMPLES = {"key_…": "key_1", "acct_…": "acct_1", "pi_…": "pi_1", "$ACCOUNT": "acct_1"}
"""What stands for a value, where the command line looks at how it is written."""


def takes(words: list[str]) -> bool:
    try:
        made_parser().parse_args(words)
    except SystemExit as ended:
        return ended.code == 0
    return True


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_command_line_takes_every_command_of_the_page(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = [words for words in commands(page) if "…" not in words]
    assert found
    refused = [" ".join(words) for words in found if not takes([EXAMPLES.get(word, word) for word in words])]
    assert refused == [], capsys.readouterr().err


def test_a_command_that_there_is_not_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Say `./perdure keys lose key_…`.\n\n```bash\n./perdure reconcile --jason   # now\n```\n")
    assert commands(page) == [["reconcile", "--jason"], ["keys", "lose", "key_…"]]
    assert [takes(words) for words in commands(page)] == [False, False]


def test_every_runbook_has_something_to_type_and_what_is_printed_is_looked_for_in_order() -> None:
    assert all(each.typed for each in runbooks())
    book = Runbook("one", "true", ("simulator … closed", "No difference."))
    assert book.missing("simulator   closed 1\nNo difference.\n") == ""
    assert book.missing("No difference.\nsimulator\nclosed\n") == "simulator … closed"
    assert book.missing("simulator closed") == "No difference."
