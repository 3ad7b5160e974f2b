"""Random lives of a PaymentIntent: whatever is asked, and however the gateway answers, the books stay true."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.machine.decisions import decide
from domain.machine.transitions import carry_out, leave_unknown, make_known
from domain.model.commands import (
    AuthenticationResult,
    Cancel,
    Capture,
    CheckSettlement,
    Command,
    Confirm,
    ExpireAuthorization,
    IncrementAuthorization,
    ModificationResult,
    RefundCharge,
    RefundResult,
    Update,
)
from domain.model.outcomes import (
    Accepted,
    AskSettlement,
    AuthenticationRequired,
    Authorize,
    Declined,
    Modification,
    Outcome,
    Refund,
)
from domain.model.payment_intent import PaymentIntent, held_charge, ledger_entry
from domain.model.refunds import ChargeRefund
from domain.model.statuses import TERMINAL
from domain.refusals import Refusal
from tests.support.builders import APPROVED, NOW, make_intent, make_method

CHALLENGE = AuthenticationRequired(authentication="authn_1", url="https://bank.example")
amounts = st.integers(-10, 3_000)
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(Confirm, payment_method=st.one_of(st.none(), st.builds(make_method))),
    st.builds(Capture, amount_to_capture=st.one_of(st.none(), amounts), final_capture=st.booleans()),
    st.builds(Cancel),
    st.builds(IncrementAuthorization, amount=amounts),
    st.builds(Update, changes=st.fixed_dictionaries({"amount": amounts})),
    st.builds(AuthenticationResult, authentication=st.just("authn_1"), authenticated=st.booleans()),
    st.builds(ExpireAuthorization),
    st.builds(RefundCharge, amount=st.one_of(st.none(), amounts)),
    st.builds(RefundResult, succeeded=st.booleans()),
    st.builds(
        ModificationResult,
        operation=st.sampled_from(["capture", "void", "increment", "expiry"]),
        reference=st.sampled_from(["later", "other", ""]),
        succeeded=st.booleans(),
        amount=st.one_of(st.none(), amounts),
    ),
    st.builds(CheckSettlement),
)
ACCEPTED = Accepted(reference="later", ask_after_seconds=60)
answers = st.sampled_from([APPROVED, Declined(decline_code="generic_decline"), CHALLENGE, ACCEPTED, None])


@given(
    steps=st.lists(st.tuples(commands, answers, st.integers(0, 3 * 86_400)), max_size=12),
    manual=st.booleans(),
    multi=st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_the_books_stay_true(steps: list[tuple[Command, Outcome | None, int]], manual: bool, multi: bool) -> None:
    asked = "if_available" if multi else "never"
    requests = ("request_multicapture", "request_incremental_authorization", "request_overcapture")
    options = {"card": dict.fromkeys(requests, asked)}
    intent = make_intent(capture_method="manual" if manual else "automatic", payment_method_options=options)
    successes: set[str] = set()
    now = NOW
    for command, answer, pause in steps:
        now += pause
        before = intent
        intent = _step(intent, command, answer, now)
        _check(before, intent)
        if intent.charge and intent.charge.status == "succeeded":
            successes.add(intent.charge.id)
    assert len(successes) <= 1, "at most one successful charge"


def _step(intent: PaymentIntent, command: Command, answer: Outcome | None, now: int) -> PaymentIntent:
    if isinstance(command, ModificationResult):
        command = replace(command, charge=intent.charge.id if intent.charge else "")
    if isinstance(command, RefundResult):
        command = replace(command, refund=_standing(intent))
    decision = decide(intent, command, now)
    if isinstance(decision, Refusal):
        return intent
    effect = decision.effect
    if effect is None:
        after = carry_out(intent, command, decision, None, now).after
        # What was asked about for too long without news is an unknown outcome, and becomes known at once here.
        return make_known(after, after.pending, APPROVED, now).after if after.pending else after
    if answer is None:
        unknown = leave_unknown(intent, command, decision, effect, now).after
        return make_known(unknown, effect, APPROVED, now).after
    fits = {
        CHALLENGE.type: isinstance(effect, Authorize),
        ACCEPTED.type: isinstance(effect, Refund | AskSettlement | Authorize | Modification),
    }
    if not fits.get(answer.type, True):
        answer = APPROVED
    return carry_out(intent, command, decision, answer, now).after


def _standing(intent: PaymentIntent) -> ChargeRefund | None:
    """A refund that the gateway may have news of."""
    given = intent.charge.refunds_given if intent.charge else {}
    for id_, amount in given.items():
        return ChargeRefund(
            id=id_,
            charge=held_charge(intent).id,
            payment_intent=intent.id,
            payment_method="pm",
            created=NOW,
            amount=amount,
            currency=intent.currency,
        )
    return None


def _check(before: PaymentIntent, after: PaymentIntent) -> None:
    charge = after.charge
    assert after.amount_capturable <= after.amount
    if charge:
        assert charge.amount_captured <= max(charge.amount, charge.overcapture_maximum or 0)
        assert 0 <= charge.amount_refunded <= charge.amount_captured
        assert charge.amount_refunded == sum(charge.refunds_given.values())
        assert 0 <= charge.capture_failed <= charge.amount_captured
    if before.status in TERMINAL:
        assert after.status == before.status
        assert after.amount_received == before.amount_received
    assert after.amount_received >= before.amount_received


def test_the_ledger_remembers_and_forgets_the_oldest() -> None:
    from domain.machine.evolution import next_version
    from domain.model.ledger import LEDGER_ENTRIES_MAX, LedgerEntry

    intent = make_intent()
    for number in range(LEDGER_ENTRIES_MAX + 1):
        intent = next_version(intent, LedgerEntry(command_id=f"cmd_{number}"))
    assert len(intent.ledger) == LEDGER_ENTRIES_MAX
    assert ledger_entry(intent, "cmd_0") is None
    assert ledger_entry(intent, f"cmd_{LEDGER_ENTRIES_MAX}") is not None
    assert ledger_entry(intent, "") is None
