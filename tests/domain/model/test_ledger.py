"""The ledger: what it keeps is short, what it answers is what was told."""

from dataclasses import replace

from contracts.states import lean, load
from domain.machine.transitions import carry_out
from domain.model.commands import Confirm, Update
from domain.model.ledger import LEDGER_ENTRIES_MAX, LEDGER_ERRORS_MAX, LedgerEntry, with_entry
from domain.model.outcomes import AuthenticationRequired, Declined
from domain.model.payment_intent import ledger_entry
from tests.support.builders import NOW, confirmable, decided, make_method

NO = Declined(decline_code="generic_decline", network_decline_code="01")


def test_a_decline_is_kept_without_the_payment_method_and_answered_with_it() -> None:
    intent, command = confirmable(), Confirm(command_id="cmd_1")
    transition = carry_out(intent, command, decided(intent, command), NO, NOW)
    assert transition.error is not None
    assert transition.error.payment_method == intent.payment_method
    kept = transition.after.ledger[-1].error
    assert kept is not None
    assert kept.payment_method is None
    assert "billing_details" not in str(lean(transition.after)["ledger"])
    entry = ledger_entry(transition.after, "cmd_1")
    assert entry is not None
    assert entry.error == transition.error


def test_a_decline_without_a_charge_is_answered_as_it_was_told() -> None:
    intent, command = confirmable(), Confirm(command_id="cmd_1", off_session=True)
    asked = AuthenticationRequired(authentication="authn_1", url="https://bank.example/1")
    transition = carry_out(intent, command, decided(intent, command), asked, NOW)
    entry = ledger_entry(transition.after, "cmd_1")
    assert entry is not None
    assert transition.error is not None
    assert entry.error == transition.error


def test_a_decline_that_the_intent_has_moved_on_from_names_its_method() -> None:
    intent, command = confirmable(), Confirm(command_id="cmd_1")
    first = carry_out(intent, command, decided(intent, command), NO, NOW)
    again = Confirm(command_id="cmd_2", payment_method=make_method())
    second = carry_out(first.after, again, decided(first.after, again), NO, NOW)
    assert first.error is not None
    entry = ledger_entry(second.after, "cmd_1")
    assert entry is not None
    assert intent.payment_method is not None
    named = replace(first.error, payment_method=None, payment_method_id=intent.payment_method.id)
    assert entry.error == named


def test_what_an_earlier_release_kept_whole_is_read_and_made_brief_at_the_next_write() -> None:
    intent, command = confirmable(), Confirm(command_id="cmd_1")
    declined = carry_out(intent, command, decided(intent, command), NO, NOW)
    old = replace(declined.after, ledger=(LedgerEntry(command_id="cmd_1", error=declined.error),))
    read = load(lean(old))
    assert read == old
    entry = ledger_entry(read, "cmd_1")
    assert entry is not None
    assert entry.error == declined.error
    update = Update(command_id="cmd_2", changes={"description": "later"})
    after = carry_out(read, update, decided(read, update), None, NOW).after
    assert [known.error and known.error.payment_method for known in after.ledger] == [None, None]
    assert ledger_entry(after, "cmd_1") == entry


def test_errors_are_forgotten_before_the_ledger_grows_heavy() -> None:
    intent, command = confirmable(), Confirm()
    error = carry_out(intent, command, decided(intent, command), NO, NOW).error
    ledger: tuple[LedgerEntry, ...] = ()
    for number in range(LEDGER_ENTRIES_MAX):
        ledger = with_entry(ledger, LedgerEntry(command_id=f"cmd_{number}", error=error))
        ledger = with_entry(ledger, LedgerEntry(command_id=f"fine_{number}"))
    assert len(ledger) <= LEDGER_ENTRIES_MAX
    assert sum(entry.error is not None for entry in ledger) == LEDGER_ERRORS_MAX
    assert ledger[-1].command_id == f"fine_{LEDGER_ENTRIES_MAX - 1}"
