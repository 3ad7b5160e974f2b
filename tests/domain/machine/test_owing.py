"""What nobody knows how it ended, and what an operator can say of it."""

from domain.copies import replace
from domain.machine.fence import Recorded, UnderWay
from domain.machine.hearing import NEWS_SECONDS
from domain.machine.owing import owed, owed_of_setup, what_is_owed
from domain.machine.resolving import unresolved
from domain.model.commands import Capture, Command, RefundCharge, Update
from domain.model.gateways import GatewayProfile
from domain.model.outcomes import Accepted, AskSettlement, Authorize
from domain.model.payment_intent import PaymentIntent
from domain.model.statuses import Status
from tests.replay.setup_scenarios import confirm
from tests.support.builders import NOW, after, in_status, make_intent, make_setup


def test_also_what_was_begun_and_stopped_is_owed() -> None:
    held = in_status(Status.REQUIRES_CAPTURE)
    begun = owed(Recorded(intent=held, under_way=UnderWay(command=Capture(command_id="c"), now=NOW)))
    assert begun is not None
    assert begun.operation == "capture"
    assert owed(Recorded(intent=held)) is None
    promised = after(held, Capture(), Accepted(reference="mod_1"))
    assert owed(Recorded(intent=promised)) == unresolved(promised)
    trying = owed_of_setup(Recorded(intent=make_setup(), under_way=UnderWay(command=confirm(), now=NOW)))
    assert trying is not None
    assert trying.operation == "set_up"
    assert owed_of_setup(Recorded(intent=make_setup())) is None


WEEK = 7 * 86_400
PROFILES = (GatewayProfile(keeps_keys_seconds=WEEK),)
HELD = in_status(Status.REQUIRES_CAPTURE)


def begun(intent: PaymentIntent, command: Command) -> Recorded[PaymentIntent]:
    return Recorded(intent=intent, under_way=UnderWay(command=command, now=NOW))


def test_nothing_is_owed_where_all_is_known() -> None:
    assert what_is_owed(Recorded(intent=HELD), PROFILES, NOW) is None
    assert what_is_owed(begun(HELD, Update(command_id="c")), PROFILES, NOW) is None, "it asks nobody anything"


def test_a_capture_is_asked_about_while_its_key_is_kept_and_then_a_person_says_what_became_of_it() -> None:
    waits = what_is_owed(begun(HELD, Capture(command_id="c")), PROFILES, NOW + WEEK - 1)
    assert waits is not None
    assert (waits.operation, waits.gateway, waits.since, waits.taken_on) == ("capture", "simulator", NOW, False)
    assert (waits.done, waits.not_done, waits.needs_reference) == (None, None, True)
    assert waits.reason_for_silence is not None
    assert "still keeps its key" in waits.reason_for_silence
    forgotten = what_is_owed(begun(HELD, Capture(command_id="c")), PROFILES, NOW + WEEK)
    assert forgotten is not None
    assert forgotten.reason_for_silence is None


def test_what_was_taken_on_has_its_reference_and_is_waited_for_for_a_day() -> None:
    promised = Recorded(intent=after(HELD, Capture(), Accepted(reference="mod_1")))
    waits = what_is_owed(promised, PROFILES, NOW)
    assert waits is not None
    assert (waits.taken_on, waits.reference, waits.since, waits.needs_reference) == (True, "mod_1", NOW, False)
    assert waits.reason_for_silence is not None
    late = what_is_owed(promised, PROFILES, NOW + NEWS_SECONDS)
    assert late is not None
    assert late.reason_for_silence is None


def test_a_refund_needs_no_reference_and_what_a_buyer_has_to_see_first_was_not_done() -> None:
    refund = what_is_owed(begun(in_status(Status.SUCCEEDED), RefundCharge(amount=5, refund="re_1")), PROFILES, NOW)
    assert refund is not None
    assert (refund.operation, refund.done, refund.needs_reference) == ("refund", None, False)
    voucher = Authorize(key="k", charge="ch_1", amount=1, currency="mxn", token="t", capture=True, method_type="oxxo")
    shown = what_is_owed(Recorded(intent=replace(make_intent(), pending=voucher, asked_at=NOW)), PROFILES, NOW)
    assert shown is not None
    assert shown.done is not None
    assert "say that it was not done" in shown.done
    assert shown.not_done is None


def test_a_question_about_a_settlement_is_asked_again_and_nobody_answers_it_for_its_gateway() -> None:
    question = AskSettlement(key="k", authorization="auth_1", at=NOW)
    waits = what_is_owed(Recorded(intent=replace(HELD, pending=question, asked_at=NOW)), PROFILES, NOW)
    assert waits is not None
    assert waits.done == waits.not_done
    assert waits.done is not None
    assert "it is asked again" in waits.done
