"""The table of SetupIntents: what each command may lead to, from each status. Nothing outside of it can happen."""

from domain.model.statuses import Status

_RPM, _RC, _RA, _P, _S, _X = (
    Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION, Status.REQUIRES_ACTION, Status.PROCESSING,
    Status.SUCCEEDED, Status.CANCELED,
)  # fmt: skip
_TRIED = (_S, _RA, _P, _RPM)
_NONE: tuple[Status, ...] = ()

STATUSES = (_RPM, _RC, _RA, _P, _S, _X)
"""Where a SetupIntent can be. No money is held, so none waits to be captured."""

TABLE: dict[Status, dict[str, tuple[Status, ...]]] = {
    _RPM: {"update": (_RPM, _RC), "confirm": _TRIED, "cancel": (_X,), "verify_microdeposits": _NONE,
           "authentication_result": _NONE, "expire_action": _NONE, "resolve": _NONE},
    _RC: {"update": (_RC, _RPM), "confirm": _TRIED, "cancel": (_X,), "verify_microdeposits": _NONE,
          "authentication_result": _NONE, "expire_action": _NONE, "resolve": _NONE},
    _RA: {"update": (_RA, _RC, _RPM), "confirm": _TRIED, "cancel": (_X,), "verify_microdeposits": _TRIED,
          "authentication_result": _TRIED, "expire_action": (_RPM,), "resolve": _NONE},
    _P: {"update": (_P,), "confirm": _NONE, "cancel": _NONE, "verify_microdeposits": _NONE,
         "authentication_result": _NONE, "expire_action": _NONE, "resolve": (_S, _RPM)},
    _S: {"update": (_S,), "confirm": _NONE, "cancel": _NONE, "verify_microdeposits": _NONE,
         "authentication_result": _NONE, "expire_action": _NONE, "resolve": _NONE},
    _X: {"update": (_X,), "confirm": _NONE, "cancel": _NONE, "verify_microdeposits": _NONE,
         "authentication_result": _NONE, "expire_action": _NONE, "resolve": _NONE},
}  # fmt: skip

LATER: dict[Status, dict[str, tuple[Status, ...]]] = {_P: {"set_up": _TRIED}}
"""Where an intent goes without a command, once the unknown outcome of an operation is known; nowhere by any other."""
