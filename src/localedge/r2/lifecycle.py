"""Lifecycle rules of buckets: what they say, and the sweep that deletes what they let expire."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
from typing import TYPE_CHECKING, Any

from localedge.errors import CODE_MALFORMED, Invalid, NotThere
from localedge.runtime.door import StorageRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from localedge.r2.store import R2Store
    from localedge.r2.table import BucketTable

log = logging.getLogger(__name__)

RULES_MAX = 1000
SWEEP_SECONDS = 60.0
BATCHES_MAX = 1000
"""How many batches of objects one sweep deletes of one rule."""

ABSENT = {
    "abortMultipartUploadsTransition": "lifecycle rules that abort multipart uploads",
    "storageClassTransitions": "lifecycle rules that change the storage class",
}


def read_rules(body: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The rules that a client sends, checked. `NotThere` for what would have no effect here."""
    rules = body.get("rules", [])
    if not isinstance(rules, list) or len(rules) > RULES_MAX:
        raise Invalid(CODE_MALFORMED, f"rules has to be a list of at most {RULES_MAX}")
    checked = tuple(_rule(rule) for rule in rules)
    if len({rule["id"] for rule in checked}) < len(checked):
        raise Invalid(CODE_MALFORMED, "two rules have the same id")
    return checked


def expired_before_ms(rule: Mapping[str, Any], now: datetime.datetime) -> int | None:
    """Objects that were written before this time are to go: ms since 1970, None while none are."""
    condition = (rule.get("deleteObjectsTransition") or {}).get("condition")
    if not rule["enabled"] or condition is None:
        return None
    if condition["type"] == "Age":
        return int((now.timestamp() - condition["maxAge"]) * 1000)
    due = _date(condition["date"]) <= now
    return int(now.timestamp() * 1000) if due else None


@contextlib.asynccontextmanager
async def sweeping(buckets: BucketTable, store: R2Store) -> AsyncIterator[None]:
    """Apply all rules once a minute, for as long as this is open."""
    task = asyncio.create_task(_keep_sweeping(buckets, store))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def sweep(buckets: BucketTable, store: R2Store, now: datetime.datetime) -> int:
    """Delete what is to go now; how many objects that was."""
    deleted = 0
    for bucket in buckets.all():
        for rule in bucket.lifecycle:
            before_ms = expired_before_ms(rule, now)
            if before_ms is not None:
                deleted += await _expire(store, bucket.store, rule["conditions"]["prefix"], before_ms)
    return deleted


async def _expire(store: R2Store, bucket: str, prefix: str, before_ms: int) -> int:
    deleted = 0
    for _ in range(BATCHES_MAX):
        some = await store.expire(bucket, prefix=prefix, before_ms=before_ms)
        deleted += some
        if not some:
            break
    return deleted


async def _keep_sweeping(buckets: BucketTable, store: R2Store) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            deleted = await sweep(buckets, store, datetime.datetime.now(datetime.UTC))
        except StorageRefused as error:
            log.warning("objects that are to expire stay for now: %s", error)
        else:
            if deleted:
                log.info("%d objects have expired by lifecycle rules", deleted)


def _rule(rule: object) -> Mapping[str, Any]:
    if not isinstance(rule, dict) or not isinstance(rule.get("id"), str) or not rule["id"]:
        raise Invalid(CODE_MALFORMED, "every rule has to be an object with an id")
    where = f"rule {rule['id']!r}"
    for name, what in ABSENT.items():
        if rule.get(name):
            raise NotThere(what)
    if not isinstance(rule.get("enabled"), bool):
        raise Invalid(CODE_MALFORMED, f"{where}: enabled has to be true or false")
    conditions = rule.get("conditions")
    if not isinstance(conditions, dict) or not isinstance(conditions.get("prefix", ""), str):
        raise Invalid(CODE_MALFORMED, f"{where}: conditions has to be an object with a prefix")
    kept = {
        "id": rule["id"],
        "enabled": rule["enabled"],
        "conditions": {"prefix": conditions.get("prefix", "")},
    }
    transition = rule.get("deleteObjectsTransition")
    return {**kept, "deleteObjectsTransition": _transition(transition, where)} if transition else kept


def _transition(transition: object, where: str) -> Mapping[str, Any]:
    condition = transition.get("condition") if isinstance(transition, dict) else None
    match condition:
        case {"type": "Age", "maxAge": int(age)} if age >= 0:
            return {"condition": {"type": "Age", "maxAge": age}}
        case {"type": "Date", "date": str(date)} if _is_date(date):
            return {"condition": {"type": "Date", "date": date}}
        case _:
            pass
    message = (
        f"{where}: a condition is of type Age with maxAge in seconds, or of type Date with an ISO 8601 date"
    )
    raise Invalid(CODE_MALFORMED, message)


def _is_date(text: str) -> bool:
    try:
        _date(text)
    except ValueError:
        return False
    return True


def _date(text: str) -> datetime.datetime:
    found = datetime.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
