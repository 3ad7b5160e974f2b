"""The table: what each command may lead to, from each status. A transition outside of it cannot happen.

WARNING. docs/state-machine.md is generated from TABLE (`make diagram`); a stale one fails the tests.
"""

from domain.model.statuses import Status

_RPM, _RC, _RA, _P, _RCAP, _S, _X = (
    Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION, Status.REQUIRES_ACTION, Status.PROCESSING,
    Status.REQUIRES_CAPTURE, Status.SUCCEEDED, Status.CANCELED,
)  # fmt: skip
_CONFIRMED = (_S, _RCAP, _RA, _P, _RPM, _RC, _X)

_NONE: tuple[Status, ...] = ()

TABLE: dict[Status, dict[str, tuple[Status, ...]]] = {
    # What each command may lead to, from each status; an empty cell is refused. Terminal rows are written out too:
    # that nothing leaves them is a decision, not an oversight.
    _RPM: {"update": (_RPM, _RC), "confirm": _CONFIRMED, "capture": _NONE, "cancel": (_X,),
           "increment_authorization": _NONE, "verify_microdeposits": _NONE,
           "apply_customer_balance": (_S, _RA, _RPM, _P),
           "authentication_result": _NONE, "expire_authorization": _NONE,
           "expire_action": _NONE, "check_settlement": _NONE,
           "resolve": _NONE,
           "modification_result": _NONE,
           "refund": _NONE, "refund_result": _NONE, "dispute": _NONE,
           "return_share": _NONE,
           "update_dispute": _NONE, "close_dispute": _NONE, "expire_dispute": _NONE},
    _RC: {"update": (_RC,), "confirm": _CONFIRMED, "capture": _NONE, "cancel": (_X,),
          "increment_authorization": _NONE, "verify_microdeposits": _NONE,
          "apply_customer_balance": (_S, _RA, _RPM, _P),
          "authentication_result": _NONE, "expire_authorization": _NONE,
          "expire_action": _NONE, "check_settlement": _NONE,
          "resolve": _NONE,
          "modification_result": _NONE,
          "refund": _NONE, "refund_result": _NONE, "dispute": _NONE,
          "return_share": _NONE,
          "update_dispute": _NONE, "close_dispute": _NONE, "expire_dispute": _NONE},
    _RA: {"update": (_RA, _RC, _P), "confirm": _CONFIRMED, "capture": _NONE, "cancel": (_X, _P, _RA),
          "increment_authorization": _NONE, "verify_microdeposits": (_RA, _P, _S, _RPM),
          "apply_customer_balance": (_S, _RA),
          "authentication_result": (_S, _RCAP, _RC, _RA, _RPM, _P), "expire_authorization": _NONE,
          "expire_action": (_RPM,), "check_settlement": (_S, _RCAP, _RA, _RPM),
          "resolve": _NONE,
          "modification_result": _NONE,
          "refund": _NONE, "refund_result": _NONE, "dispute": _NONE,
          "return_share": _NONE,
          "update_dispute": _NONE, "close_dispute": _NONE, "expire_dispute": _NONE},
    _P: {"update": (_P,), "confirm": _NONE, "capture": _NONE, "cancel": (_X, _P),
         "increment_authorization": _NONE, "verify_microdeposits": _NONE, "apply_customer_balance": _NONE,
         "authentication_result": _NONE, "expire_authorization": _NONE,
         "expire_action": _NONE, "check_settlement": (_S, _P, _RPM),
         "resolve": (_S, _RCAP, _X, _RA, _RC, _RPM, _P),
         "modification_result": (_S, _RCAP, _X, _RA, _RC, _P),
         "refund": _NONE, "refund_result": _NONE, "dispute": _NONE,
         "return_share": _NONE,
         "update_dispute": _NONE, "close_dispute": _NONE, "expire_dispute": _NONE},
    _RCAP: {"update": (_RCAP,), "confirm": _NONE, "capture": (_S, _RCAP, _P), "cancel": (_X, _S, _P, _RCAP),
            "increment_authorization": (_RCAP, _P), "verify_microdeposits": _NONE, "apply_customer_balance": _NONE,
            "authentication_result": _NONE, "expire_authorization": (_X, _S, _P, _RCAP),
            "expire_action": _NONE, "check_settlement": _NONE,
            "resolve": (_RCAP,),
            "modification_result": (_RCAP, _X, _S),
            "refund": (_RCAP,), "refund_result": (_RCAP,), "dispute": (_RCAP,),
            "return_share": (_RCAP,),
            "update_dispute": (_RCAP,), "close_dispute": (_RCAP,), "expire_dispute": (_RCAP,)},
    _S: {"update": (_S,), "confirm": _NONE, "capture": _NONE, "cancel": _NONE,
         "increment_authorization": _NONE, "verify_microdeposits": _NONE, "apply_customer_balance": _NONE,
         "authentication_result": _NONE, "expire_authorization": _NONE,
         "expire_action": _NONE, "check_settlement": _NONE,
         "resolve": (_S,),
         "modification_result": (_S,),
         "refund": (_S,), "refund_result": (_S,), "dispute": (_S,),
         "return_share": (_S,),
         "update_dispute": (_S,), "close_dispute": (_S,), "expire_dispute": (_S,)},
    _X: {"update": (_X,), "confirm": _NONE, "capture": _NONE, "cancel": _NONE,
         "increment_authorization": _NONE, "verify_microdeposits": _NONE, "apply_customer_balance": _NONE,
         "authentication_result": _NONE, "expire_authorization": _NONE,
         "expire_action": _NONE, "check_settlement": _NONE,
           "resolve": _NONE,
           "modification_result": _NONE,
           "refund": _NONE, "refund_result": _NONE, "dispute": _NONE,
           "return_share": _NONE,
           "update_dispute": _NONE, "close_dispute": _NONE, "expire_dispute": _NONE},
}  # fmt: skip

LATER: dict[Status, dict[str, tuple[Status, ...]]] = {
    # Where an intent goes without a command, once the unknown outcome of an operation is known; nowhere by any other.
    _P: {"authorize": (_S, _RCAP, _RA, _RPM, _P), "capture": (_S, _RCAP, _P), "increment": (_RCAP, _P),
         "void": (_X, _S, _RCAP, _RA, _RC, _P), "settlement": (_S, _P, _RPM), "request_funds": (_S, _RA, _RPM),
         "release_funds": (_X, _RA, _RC)},
    _RA: {"settlement": (_S, _RCAP, _RA, _RPM), "ask_funds": (_S, _RA), "apply_funds": (_S, _RA)},
    _RCAP: {"refund": (_RCAP,), "answer_dispute": (_RCAP,)},
    _S: {"refund": (_S,), "answer_dispute": (_S,)},
}  # fmt: skip
