"""From the platform's errors to ours, each with what to do about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from headgate.domain.errors import PlatformError, PlatformRefused, ScriptDoesNotStart

if TYPE_CHECKING:
    from headgate.adapters.cloudflare.access import Access
    from headgate.adapters.cloudflare.json_value import Json
    from headgate.adapters.http_client.client import Answer

CODE_SCRIPT_INVALID = 10021
CODE_SECRETS_CHANGED = 10220
_CODES_NO_ROUTE = frozenset({7000, 7003})
_CODES_TOKEN = frozenset({1000, 6003, 6111, 9106, 9109, 10000})
_TEXT_MAX = 2000


class Refusal(NamedTuple):
    """One answer that did not succeed, as the platform told it."""

    status: int
    code: int
    text: str
    where: str


def result_of(answer: Answer, where: str) -> Json | Refusal:
    """The `result` in the envelope, or why there is none."""
    try:
        envelope = json.loads(answer.body)
    except ValueError:
        return Refusal(answer.status, 0, _excerpt(answer.text), where)
    if not isinstance(envelope, dict) or "success" not in envelope:
        return Refusal(answer.status, 0, "The answer is not in the API's envelope", where)
    if envelope["success"] is True and answer.status < 300:
        return envelope.get("result")
    errors = [error for error in envelope.get("errors") or [] if isinstance(error, dict)]
    code = errors[0].get("code", 0) if errors else 0
    text = "; ".join(str(error.get("message", "")) for error in errors)
    return Refusal(answer.status, code if isinstance(code, int) else 0, text[:_TEXT_MAX], where)


def is_missing(error: PlatformError) -> bool:
    """Whether the thing asked for does not exist. A wrong account is a 404 too, and no such case."""
    return error.status == 404 and error.code not in {0, *_CODES_NO_ROUTE}


def as_error(refusal: Refusal, access: Access) -> PlatformError:
    """The error for people."""
    kind, what, remedy = _meaning(refusal, access)
    return kind(what, where=refusal.where, remedy=remedy, code=refusal.code, status=refusal.status)


def _meaning(refusal: Refusal, access: Access) -> tuple[type[PlatformError], str, str]:
    told = f"{refusal.text} [code {refusal.code}]" if refusal.code else refusal.text
    if refusal.code == CODE_SCRIPT_INVALID:
        remedy = "Nothing was switched. Mend the script; `wrangler dev` shows the same error on your machine."
        return ScriptDoesNotStart, f"The platform could not start the script: {told}", remedy
    if refusal.code == CODE_SECRETS_CHANGED:
        remedy = "Its secrets come back with it. Check that they are still valid, then force the deployment."
        return PlatformError, f"The platform wants to be told twice: {told}", remedy
    if refusal.status in (401, 403) or refusal.code in _CODES_TOKEN:
        remedy = (
            f"Check that the token in {access.token_source} is valid, and check the token's scopes: it has to"
            " be allowed to edit Workers Scripts and to read Workers KV Storage of this account."
        )
        return PlatformRefused, f"The platform does not accept the API token for this: {told}", remedy
    if refusal.code in _CODES_NO_ROUTE:
        return PlatformError, f"The platform does not know this account: {told}", "Check platform.account_id."
    if refusal.status == 429:
        remedy = "The account made too many API calls within five minutes. Try again in a few minutes."
        return PlatformError, f"The platform asks to slow down: {told}", remedy
    if refusal.status >= 500:
        remedy = "Try again; https://www.cloudflarestatus.com tells of trouble on the platform's side."
        return PlatformError, f"The platform failed with HTTP {refusal.status}: {told}", remedy
    return PlatformError, f"The platform answered HTTP {refusal.status}: {told}", ""


def _excerpt(text: str) -> str:
    text = " ".join(text.split())
    return f"The answer is not JSON: {text[:200]!r}" if text else "The answer is empty"
