"""The kinds of difference that reconciliation can find: a closed list, what each means, and what to do about it.

docs/OPERATING.md has the same table; a test holds it equal to this one. A kind's name is what `--json`, the metric and
alerts depend on: new ones may come, none is renamed.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What two books do not agree about."""

    RECORD_UNREADABLE = "record_unreadable"
    RECORD_CONTRADICTS_ITSELF = "record_contradicts_itself"
    STATUS_DIFFERS_FROM_CHARGE = "status_differs_from_charge"
    RECEIVED_DIFFERS = "received_differs"
    CHARGE_MISSING = "charge_missing"
    CHARGE_DIFFERS = "charge_differs"
    SECOND_SUCCESS = "second_success"
    REFUND_MISSING = "refund_missing"
    REFUND_UNKNOWN = "refund_unknown"
    REFUND_AMOUNT_DIFFERS = "refund_amount_differs"
    REFUND_STATUS_DIFFERS = "refund_status_differs"
    REFUND_TOTAL_DIFFERS = "refund_total_differs"
    DISPUTE_MISSING = "dispute_missing"
    DISPUTE_NOT_ON_CHARGE = "dispute_not_on_charge"
    DISPUTE_DIFFERS = "dispute_differs"
    MANDATE_MISSING = "mandate_missing"
    METHOD_USED_TWICE = "method_used_twice"
    METHOD_NOT_USED_UP = "method_not_used_up"
    STATUS_DIFFERS_FROM_ATTEMPT = "status_differs_from_attempt"
    ATTEMPT_MISSING = "attempt_missing"
    ATTEMPT_UNKNOWN = "attempt_unknown"
    ATTEMPT_DIFFERS = "attempt_differs"
    METHOD_NOT_KEPT = "method_not_kept"
    EVENT_MISSING = "event_missing"
    EVENT_DOUBLED = "event_doubled"
    EVENT_OF_NOTHING = "event_of_nothing"
    EVENT_OUT_OF_ORDER = "event_out_of_order"
    DELIVERY_MISSING = "delivery_missing"
    BALANCE_DIFFERS = "balance_differs"
    ENDING_BALANCE_DIFFERS = "ending_balance_differs"
    APPLIED_DIFFERS = "applied_differs"
    RETURNED_DIFFERS = "returned_differs"
    FUNDS_DIFFER = "funds_differ"
    TRANSFER_NOT_BOOKED = "transfer_not_booked"
    TRANSFER_BOOKED_TWICE = "transfer_booked_twice"
    TRANSFER_DIFFERS = "transfer_differs"
    TRANSFER_UNKNOWN_TO_GATEWAY = "transfer_unknown_to_gateway"
    BOOKED_DIFFERS = "booked_differs"
    ENTRIES_DIFFER = "entries_differ"
    SHARE_DIFFERS = "share_differs"
    SHARE_NOT_BOOKED = "share_not_booked"
    ACCOUNTS_DIFFER = "accounts_differ"
    MISSING_AT_GATEWAY = "missing_at_gateway"
    UNKNOWN_TO_US = "unknown_to_us"
    CHARGE_ID_DIFFERS = "charge_id_differs"
    AUTHORIZATION_DIFFERS = "authorization_differs"
    AUTHORIZED_TWICE = "authorized_twice"
    AUTHORIZED_DIFFERS = "authorized_differs"
    CAPTURED_DIFFERS = "captured_differs"
    REFUNDED_DIFFERS = "refunded_differs"
    CURRENCY_DIFFERS = "currency_differs"
    HOLD_STILL_OPEN = "hold_still_open"
    HOLD_GONE = "hold_gone"
    SETUP_MISSING_AT_GATEWAY = "setup_missing_at_gateway"
    SETUP_UNKNOWN_TO_US = "setup_unknown_to_us"
    SET_UP_TWICE = "set_up_twice"
    SETUP_METHOD_DIFFERS = "setup_method_differs"
    OUTCOME_UNKNOWN_FOR_LONG = "outcome_unknown_for_long"
    COMMAND_UNDER_WAY_FOR_LONG = "command_under_way_for_long"
    OVERDUE = "overdue"
    OPEN_WITHOUT_WORKFLOW = "open_without_workflow"
    WORKFLOW_WITHOUT_RECORD = "workflow_without_record"
    WORKFLOW_AHEAD = "workflow_ahead"
    WORKFLOW_BEHIND = "workflow_behind"
    WORKFLOW_DIFFERS = "workflow_differs"
    WORKFLOW_SILENT = "workflow_silent"

    @property
    def words(self) -> str:
        """For people."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a kind: which two books it is between, what it means, and what to do."""

    books: tuple[str, str]
    means: str
    remedy: str


_STATE, _ROWS, _GATEWAY, _WORKFLOW = "record", "rows", "gateway", "workflow"

_KEEP = "Keep everything, and find out who wrote last: the row's events and the workflow's history say what happened."
_LEVEL = "`temporal workflow signal -w pi_… --name level`: the workflow reads its record. If it stays, see its history."
_REVIVE = "Any command revives it from its record: read it over the API, or `check_settlement`; the sweep does it, too."
_AT_GATEWAY = "Look at the workflow (`temporal workflow show -w pi_…`), then at the gateway. Never edit the records."
_RELEASE = "Release it at the gateway by hand, and find out in the workflow's history why nobody did."
_OUTBOX = "`POST /v1/events/:id/resend` sends what is there; what is not there, the merchant has to be told."
_CASH = "Freeze the customer's balance (reconciliation mode `manual`), and compare its transactions with the bank's."

READINGS: dict[Kind, Reading] = {
    Kind.RECORD_UNREADABLE: Reading(
        (_STATE, "says"), "An intent, or a row that hangs on it, is not what this release can read.",
        "Its workflow has the state as well, while it is open. Is the row of a newer release, or edited by hand?"),
    Kind.RECORD_CONTRADICTS_ITSELF: Reading(
        (_STATE, "columns"), "The columns of an intent do not say what its state says.",
        "Somebody has edited the row. The state (`data`) is what the workflow wrote; put the columns back."),
    Kind.STATUS_DIFFERS_FROM_CHARGE: Reading(
        (_STATE, "its charge"), "The status cannot be, with a latest charge like that.", _KEEP),
    Kind.RECEIVED_DIFFERS: Reading(
        (_STATE, _ROWS), "`amount_received` is not what the PaymentIntent's charges have captured.", _KEEP),
    Kind.CHARGE_MISSING: Reading(
        (_STATE, _ROWS), "The state has a charge that is no row: lists and lookups do not show it.", _KEEP),
    Kind.CHARGE_DIFFERS: Reading(
        (_STATE, _ROWS), "A charge's row is not as the PaymentIntent's state has that charge.", _KEEP),
    Kind.SECOND_SUCCESS: Reading(
        ("one", _ROWS), "More than one charge of a PaymentIntent, or attempt of a SetupIntent, has succeeded.",
        "Ask the gateway what it took; give back what is too much there. This must not happen: tell us."),
    Kind.REFUND_MISSING: Reading(
        (_STATE, _ROWS), "The charge has given back by a refund that is no row.", _KEEP),
    Kind.REFUND_UNKNOWN: Reading(
        (_STATE, _ROWS), "A refund is there that its charge knows nothing of.", _AT_GATEWAY),
    Kind.REFUND_AMOUNT_DIFFERS: Reading(
        (_STATE, _ROWS), "A refund's row has another amount than its charge has given back by it.", _AT_GATEWAY),
    Kind.REFUND_STATUS_DIFFERS: Reading(
        (_STATE, _ROWS), "A refund's row has failed and still counts, or does not say the same twice.", _AT_GATEWAY),
    Kind.REFUND_TOTAL_DIFFERS: Reading(
        (_STATE, "its refunds"), "What a charge has given back is not the sum of its refunds that stand.", _KEEP),
    Kind.DISPUTE_MISSING: Reading(
        (_STATE, _ROWS), "A charge is disputed, and the dispute is no row.", _KEEP),
    Kind.DISPUTE_NOT_ON_CHARGE: Reading(
        (_STATE, _ROWS), "A dispute is there, and its charge does not know: it could be refunded as well.",
        "Refund nothing of this payment, and look at the workflow: did it take the notification?"),
    Kind.DISPUTE_DIFFERS: Reading(
        (_STATE, _ROWS), "A dispute's row is not as the PaymentIntent's state has that dispute.", _KEEP),
    Kind.MANDATE_MISSING: Reading(
        (_STATE, _ROWS), "A payment or a SetupIntent names a mandate that is no row.",
        "The buyer's consent is in the event `mandate.updated`, or in the charge; without it do not charge again."),
    Kind.METHOD_USED_TWICE: Reading(
        ("once", _ROWS), "A payment method that nobody had saved has paid more than once.",
        "Ask the buyer whether they meant to; refund what they did not."),
    Kind.METHOD_NOT_USED_UP: Reading(
        ("used up", _ROWS), "A payment method that nobody had saved has paid, and could pay again.",
        "Detach it (`POST /v1/payment_methods/:id/detach`)."),
    Kind.STATUS_DIFFERS_FROM_ATTEMPT: Reading(
        (_STATE, "its attempt"), "The status of a SetupIntent cannot be, with a latest attempt like that.", _KEEP),
    Kind.ATTEMPT_MISSING: Reading(
        (_STATE, _ROWS), "A SetupIntent was tried to set up by an attempt that is no row.", _KEEP),
    Kind.ATTEMPT_UNKNOWN: Reading(
        (_STATE, _ROWS), "An attempt is there that its SetupIntent knows nothing of.", _KEEP),
    Kind.ATTEMPT_DIFFERS: Reading(
        (_STATE, _ROWS), "An attempt's row does not stand as its SetupIntent says, or does not say the same twice.",
        _KEEP),
    Kind.METHOD_NOT_KEPT: Reading(
        ("customer", _ROWS), "A SetupIntent has succeeded, and what it has set up is not its customer's.",
        "Nobody can charge it for them: set it up once more. Was it attached to somebody else at the same moment?"),
    Kind.EVENT_MISSING: Reading(
        ("expected", "events"), "Something has happened, and no event tells of it.", _OUTBOX),
    Kind.EVENT_DOUBLED: Reading(
        ("expected", "events"), "Something has happened once, and more than one event tells of it.",
        "Tell the merchant, if their endpoint acts on each event."),
    Kind.EVENT_OF_NOTHING: Reading(
        ("expected", "events"), "An event tells of what has not happened.",
        "Tell the merchant what is true before they ship; then look for who wrote it."),
    Kind.EVENT_OUT_OF_ORDER: Reading(
        ("after", "events"), "An event was written after what can only follow it.",
        "Nothing, where endpoints read the object again, as they should; else tell the merchant."),
    Kind.DELIVERY_MISSING: Reading(
        ("wanted by", "deliveries"), "An endpoint wants an event, and nobody is to send it.", _OUTBOX),
    Kind.BALANCE_DIFFERS: Reading(
        ("balance", "transactions"), "A cash balance is not the sum of its transactions.", _CASH),
    Kind.ENDING_BALANCE_DIFFERS: Reading(
        ("ending balance", "transactions"), "A transaction's ending balance is not the one before and what it moved.",
        _CASH),
    Kind.APPLIED_DIFFERS: Reading(
        ("set aside", "transactions"), "What is set aside for a payment is not what its transactions have set aside.",
        _CASH),
    Kind.RETURNED_DIFFERS: Reading(
        ("given back", "transactions"), "What a payment gave back to a balance is not what its transactions say.",
        _CASH),
    Kind.FUNDS_DIFFER: Reading(
        (_STATE, "set aside"), "A payment does not know what is set aside for it.",
        "`temporal workflow signal -w pi_… --name check_settlement --input '{}'`; it asks by itself once a day."),
    Kind.TRANSFER_NOT_BOOKED: Reading(
        ("balances", _GATEWAY), "A bank transfer came in, and is in no cash balance.",
        "Its notification is on its way, or its customer is not known here. The gateway repeats it until it is taken."),
    Kind.TRANSFER_BOOKED_TWICE: Reading(
        ("once", "transactions"), "One bank transfer is in a cash balance more than once.", _CASH),
    Kind.TRANSFER_DIFFERS: Reading(
        ("balances", _GATEWAY), "A bank transfer is booked with another amount or currency than it had.", _CASH),
    Kind.TRANSFER_UNKNOWN_TO_GATEWAY: Reading(
        ("balances", _GATEWAY), "A cash balance has money of a bank transfer that never came.", _CASH),
    Kind.BOOKED_DIFFERS: Reading(
        (_ROWS, "ledger"), "What a charge, a refund or a dispute has moved is not what the ledger has of it.",
        "`perdure ledger level` books what is missing, after an upgrade or a restored backup. Too much: tell us."),
    Kind.ENTRIES_DIFFER: Reading(
        ("transaction", "entries"), "A balance transaction's entries do not say what it says, or come to something.",
        "Both tables are never changed by us, and refuse it: find out who has, and keep everything."),
    Kind.SHARE_DIFFERS: Reading(
        (_STATE, _ROWS), "A charge's fee or transfer, or what came back of it, is not what its row says.",
        "After a restored backup, `perdure rebuild` writes it. If not, keep everything, and tell us."),
    Kind.SHARE_NOT_BOOKED: Reading(
        (_ROWS, "ledger"), "A fee or a transfer, or what came back of it, is not in both accounts' ledgers.",
        "After a restored backup, `perdure ledger level` books both sides. If not, keep everything, and tell us."),
    Kind.ACCOUNTS_DIFFER: Reading(
        ("nothing", "ledger"), "What accounts have given each other does not add up to nothing, in one currency.",
        "The ledger is never changed by us, and refuses one side alone: find out who has, and keep everything."),
    Kind.MISSING_AT_GATEWAY: Reading(
        ("charge", _GATEWAY), "A charge has succeeded, and the gateway has nothing of it.",
        "Is it the right gateway, and its whole book? If so, nobody was charged: do not ship, and tell us."),
    Kind.UNKNOWN_TO_US: Reading(
        ("charge", _GATEWAY), "The gateway has money under a charge that is not here.",
        "Is it another system's? If not, a backup of PostgreSQL was restored: a workflow knows what the record lost."),
    Kind.CHARGE_ID_DIFFERS: Reading(
        ("charge", _GATEWAY), "The gateway has our authorization under another charge.", _AT_GATEWAY),
    Kind.AUTHORIZATION_DIFFERS: Reading(
        ("charge", _GATEWAY), "A charge names an authorization that is not the gateway's for it.", _AT_GATEWAY),
    Kind.AUTHORIZED_TWICE: Reading(
        ("once", _GATEWAY), "The gateway has authorized one charge more than once.",
        "Release one of the two at the gateway. This must not happen: keep everything, and tell us."),
    Kind.AUTHORIZED_DIFFERS: Reading(
        ("charge", _GATEWAY), "The gateway has authorized another amount.", _AT_GATEWAY),
    Kind.CAPTURED_DIFFERS: Reading(
        ("charge", _GATEWAY), "The gateway has taken another amount than the charge says.", _AT_GATEWAY),
    Kind.REFUNDED_DIFFERS: Reading(
        ("charge", _GATEWAY), "The gateway has given back another amount than the charge says.", _AT_GATEWAY),
    Kind.CURRENCY_DIFFERS: Reading(
        ("charge", _GATEWAY), "The gateway has moved money in another currency.", _AT_GATEWAY),
    Kind.HOLD_STILL_OPEN: Reading(
        ("charge", _GATEWAY), "The gateway holds money for a charge that holds none.", _RELEASE),
    Kind.HOLD_GONE: Reading(
        ("charge", _GATEWAY), "A charge holds money that the gateway does not hold any more.",
        "It cannot be captured: cancel the PaymentIntent, and ask the buyer again."),
    Kind.SETUP_MISSING_AT_GATEWAY: Reading(
        ("attempt", _GATEWAY), "A SetupIntent has succeeded, and the gateway has not set its method up.",
        "Is it the right gateway, and its whole book? If so, off session it will be declined: set it up once more."),
    Kind.SETUP_UNKNOWN_TO_US: Reading(
        (_STATE, _GATEWAY), "The gateway has set a method up by an attempt that has not succeeded here.",
        "Is it another system's? If not, a backup of PostgreSQL was restored: set it up once more."),
    Kind.SET_UP_TWICE: Reading(
        ("once", _GATEWAY), "The gateway has set a method up more than once by one attempt.",
        "Nothing is charged by it. This must not happen: keep everything, and tell us."),
    Kind.SETUP_METHOD_DIFFERS: Reading(
        ("attempt", _GATEWAY), "The gateway has set up another payment method than the SetupIntent says.",
        _AT_GATEWAY),
    Kind.OUTCOME_UNKNOWN_FOR_LONG: Reading(
        ("since", "seconds allowed"), "The gateway has not said for long what it did.",
        "`perdure resolve pi_…` shows its key: ask the gateway's support about it, and tell by that what they say."),
    Kind.COMMAND_UNDER_WAY_FOR_LONG: Reading(
        ("since", "seconds allowed"), "A command was begun long ago, and is not recorded.",
        "The workflow's history says why: a gateway answered another question, or the record refused. " + _LEVEL),
    Kind.OVERDUE: Reading(
        ("since", "seconds allowed"), "Time should have acted (a hold lapses, a bank is asked), and nothing was done.",
        _LEVEL),
    Kind.OPEN_WITHOUT_WORKFLOW: Reading(
        (_STATE, _WORKFLOW), "An intent is not at its end, and its workflow is.", _REVIVE),
    Kind.WORKFLOW_WITHOUT_RECORD: Reading(
        (_STATE, _WORKFLOW), "A workflow runs for an intent that is not here.",
        "A backup of PostgreSQL was restored: `--name level` has the workflow write its record again."),
    Kind.WORKFLOW_AHEAD: Reading(
        (_STATE, _WORKFLOW), "The workflow knows more than its record.",
        "A backup of PostgreSQL was restored: `--name level` has the workflow write its record again."),
    Kind.WORKFLOW_BEHIND: Reading(
        (_STATE, _WORKFLOW), "The workflow knows less than its record.", _LEVEL),
    Kind.WORKFLOW_DIFFERS: Reading(
        (_STATE, _WORKFLOW), "The workflow and its record have one version, and do not say the same.", _KEEP),
    Kind.WORKFLOW_SILENT: Reading(
        (_STATE, _WORKFLOW), "The workflow runs, and does not answer.",
        "Its pending task in the Temporal UI says why. If there is none, its history may not replay: `--name level`, "
        "and the sweep begins it anew from its record. Else it has met a fault of ours and waits for a human."),
}  # fmt: skip
"""Every kind has its reading; a test says so."""
