"""How far a request has got: what its answer's headers, its errors and the request log need, however it ends."""

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from api.dialect.answers import answer, attachment, error_answer
from api.dialect.auth import masked_key
from api.dialect.errors import StripeError
from api.dialect.multipart import without_files
from api.dialect.request_log import LogEntry
from domain.model.hashes import JsonObject
from records.accounts import ApiKey


def path_as_sent(request: Request) -> str:
    """As it is: what is written in it with percent signs cannot always be stored."""
    return (request.scope.get("raw_path") or request.url.path.encode()).decode("latin-1")


@dataclass(slots=True)
class Progress:
    """One request under way."""

    seed: str
    request_id: str
    method: str
    version: str | None = None
    key: str | None = None
    """Its Idempotency-Key."""
    original_request: str | None = None
    replayed: bool = False
    began: int = 0
    """Unix seconds."""
    whose: ApiKey | None = None
    """Its key, as it acts: a request for a connected account is in the log of that one."""
    shown_key: str = ""
    sent: JsonObject = field(default_factory=dict)
    trace: dict[str, str] = field(default_factory=dict)
    """What a line says of the trace it is part of."""
    log_url: str | None = None
    """Where the console shows this request; None: nowhere."""
    raw: bool = False
    """Whether it is answered with a file, which is in no log."""

    def belongs_to(self, key: ApiKey, presented: str, address: str | None) -> None:
        """It is known whose request it is; `address` is that of an API whose log it will be in."""
        self.whose, self.shown_key = key, masked_key(presented)
        if address:
            self.log_url = f"{address}/dashboard/logs/{self.request_id}"

    def acts_as(self, key: ApiKey) -> None:
        """For whom it acts. The console shows the log of one's own account, so it does not show this one then."""
        self.whose = key
        if key.platform is not None:
            self.log_url = None

    def logged(self, error: StripeError) -> StripeError:
        """The error, saying where its request can be looked at; a repetition's says so of the first try."""
        if self.log_url is not None:
            error.error.setdefault("request_log_url", self.log_url)
        return error

    def answered(self, status: int, body: bytes, *, raw: bool = False) -> Response:
        """The answer; `raw`, if it is a file."""
        self.raw = raw
        return (attachment if raw else answer)(status, body, self.request_id, self.version, self._headers(kept=True))

    def failed(self, error: StripeError) -> Response:
        """The answer if it is an error."""
        return error_answer(self.logged(error), self.request_id, self.version, self._headers(kept=error.executed))

    def noted(self, operation: str, request: Request, response: Response, seconds: float) -> LogEntry | None:
        """What the request log is to have of it; None of what is nobody's."""
        if self.whose is None:
            return None
        length = request.headers.get("content-length", "0")
        return LogEntry(
            id=self.request_id,
            key=self.whose,
            shown_key=self.shown_key,
            created=self.began,
            method=self.method,
            path=path_as_sent(request),
            operation=operation,
            named=request.path_params.get("id"),
            status=response.status_code,
            seconds=seconds,
            version=self.version,
            idempotency_key=self.key,
            original_request=self.original_request if self.replayed else None,
            sent=without_files(self.sent),
            sent_bytes=len(request.scope.get("query_string", b"")) + (int(length) if length.isdecimal() else 0),
            answered=b"{}" if self.raw else bytes(response.body),
        )

    def _headers(self, *, kept: bool) -> dict[str, str]:
        """Of an answer that is `kept` under its key, live Stripe says that it will always be the same."""
        headers = {}
        if self.whose is not None and self.whose.platform is not None:
            headers["Stripe-Account"] = self.whose.account
        if self.key:
            headers["Idempotency-Key"] = self.key
            headers["Original-Request"] = self.original_request or self.request_id
        if self.key and kept:
            headers["Stripe-Should-Retry"] = "false"
        if self.replayed:
            headers["Idempotent-Replayed"] = "true"
        return headers
