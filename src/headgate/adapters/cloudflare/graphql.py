"""The analytics' GraphQL endpoint. Its answers have their own envelope, and errors come with HTTP 200."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headgate.adapters.http_client.client import Request
from headgate.adapters.http_client.errors import HttpError
from headgate.domain.errors import PlatformError, PlatformRefused, PlatformUnreachable

if TYPE_CHECKING:
    from headgate.adapters.cloudflare.access import Access
    from headgate.adapters.cloudflare.json_value import Json
    from headgate.adapters.http_client.client import HttpClient
    from headgate.ports import CallLog

_WHERE = "POST /graphql"
_TEXT_MAX = 500
_NOT_ALLOWED = ("does not have access", "not authorized", "permission", "authentication", "authz")


class GraphQlClient:
    """Asks one query at a time, and never again by itself: who measures looks again soon anyway."""

    def __init__(self, access: Access, http: HttpClient, *, calls: CallLog, timeout_seconds: float) -> None:
        self._access = access
        self._http = http
        self._calls = calls
        self._timeout_seconds = timeout_seconds

    @property
    def account_id(self) -> str:
        """The account that is asked about."""
        return self._access.account_id

    def ask(self, query: str) -> Json:
        """The answer's `data`. Raises PlatformError and its kinds; part of an answer is none."""
        headers = {
            "Authorization": f"Bearer {self._access.token}",
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        body = json.dumps({"query": query}).encode()
        request = Request("POST", f"{self._access.api_url}/graphql", headers, body)
        try:
            answer = self._http.send(request, timeout_seconds=self._timeout_seconds)
        except HttpError as error:
            self._calls.note(f"{_WHERE} no answer")
            raise PlatformUnreachable(
                f"The platform's analytics cannot be reached: {error.what}.",
                where=_WHERE,
                remedy=self._access.when_unreachable,
            ) from error
        self._calls.note(f"{_WHERE} {answer.status} ({1000 * answer.seconds:.0f} ms)")
        try:
            envelope = json.loads(answer.body)
        except ValueError:
            envelope = None
        if not isinstance(envelope, dict):
            raise PlatformError(f"The platform's analytics answered HTTP {answer.status}.", where=_WHERE)
        if answer.status != 200 or envelope.get("errors"):
            raise self._refused(answer.status, envelope.get("errors"))
        return envelope.get("data")

    def _refused(self, status: int, errors: Json) -> PlatformError:
        texts = [str(error.get("message", "")) for error in errors or () if isinstance(error, dict)]
        told = "; ".join(texts)[:_TEXT_MAX] or f"HTTP {status}"
        if status in (401, 403) or any(sign in told.lower() for sign in _NOT_ALLOWED):
            return PlatformRefused(
                f"The platform does not let the API token read analytics: {told}",
                where=_WHERE,
                remedy=f"Give the token in {self._access.token_source} the right Account Analytics: Read.",
                status=status,
            )
        return PlatformError(f"The platform's analytics failed: {told}", where=_WHERE, status=status)
