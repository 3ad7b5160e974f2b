"""The machine of PaymentIntents: which pure functions move one. For whoever handles intents of every kind."""

from domain.machine.decisions import Decision, decide
from domain.machine.intents import Machine
from domain.machine.limits import too_many_open
from domain.machine.transitions import Transition, carry_out, leave_unknown, make_known
from domain.model.outcomes import Effect
from domain.model.payment_intent import PaymentIntent, deadline, due_command, ended, ledger_entry, parkable

PAYMENTS: Machine[PaymentIntent, Effect, Decision, Transition] = Machine(
    decide=decide,
    carry_out=carry_out,
    leave_unknown=leave_unknown,
    make_known=make_known,
    remembered=ledger_entry,
    deadline=deadline,
    due_command=due_command,
    parkable=parkable,
    ended=ended,
    too_many_open=too_many_open,
)
