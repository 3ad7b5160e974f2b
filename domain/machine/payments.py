"""The machine of PaymentIntents: which pure functions move one. For whoever handles intents of every kind."""

from domain.machine.decisions import Decision, decide
from domain.machine.intents import Machine
from domain.machine.limits import too_many_open
from domain.machine.transitions import Transition, became_known, carried_out, left_unknown
from domain.model.outcomes import Effect
from domain.model.payment_intent import PaymentIntent, deadline, due_command, ended, parkable, remembered

PAYMENTS: Machine[PaymentIntent, Effect, Decision, Transition] = Machine(
    decide=decide,
    carried_out=carried_out,
    left_unknown=left_unknown,
    became_known=became_known,
    remembered=remembered,
    deadline=deadline,
    due_command=due_command,
    parkable=parkable,
    ended=ended,
    too_many_open=too_many_open,
)
