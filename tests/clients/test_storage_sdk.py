"""The official Python SDK on KV and R2; its own types read the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cloudflare
import pytest
from cloudflare import Cloudflare

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e


def test_namespaces_and_values(edge: RunningEdge, sdk: Cloudflare, script: str) -> None:
    account: str = edge.told["account_id"]
    kv = sdk.kv.namespaces
    made = kv.create(account_id=account, title=f"sdk-{script}")
    assert made is not None
    at: dict[str, Any] = {"account_id": account, "namespace_id": made.id}
    renamed = kv.update(**at, title=f"renamed-{script}")
    assert kv.get(**at) == renamed
    kv.values.update("a/b", **at, value=b"text", metadata={"by": "sdk"}, expiration_ttl=600)
    assert kv.values.get("a/b", **at).read() == b"text"
    assert kv.metadata.get("a/b", **at) == {"by": "sdk"}
    kv.bulk_update(**at, body=[{"key": f"k{n:04}", "value": f"{n}"} for n in range(1500)])
    names = [key.name for key in kv.keys.list(**at, prefix="k")]
    assert names == [f"k{n:04}" for n in range(1500)]
    read = kv.bulk_get(**at, keys=["k0001", "a/b", "none"], with_metadata=True)
    assert read is not None
    assert (read.values or {}).keys() == {"k0001", "a/b", "none"}
    kv.bulk_delete(**at, body=names)
    kv.values.delete("a/b", **at)
    assert list(kv.keys.list(**at)) == []
    assert made.id in [found.id for found in kv.list(account_id=account)]
    kv.delete(**at)
    with pytest.raises(cloudflare.NotFoundError) as missing:
        kv.get(**at)
    assert missing.value.errors[0].code == 10013


def test_buckets_and_objects(edge: RunningEdge, sdk: Cloudflare, script: str) -> None:
    account: str = edge.told["account_id"]
    buckets = sdk.r2.buckets
    made = buckets.create(account_id=account, name=script, location_hint="apac")
    assert (made.name, made.location, made.storage_class) == (script, "apac", "Standard")
    at: dict[str, Any] = {"account_id": account, "bucket_name": script}
    objects = buckets.objects
    for number in range(5):
        objects.upload(f"p/{number}", f"value {number}".encode(), **at)
    assert objects.get("p/1", **at).read() == b"value 1"
    found = list(objects.list(**at, prefix="p/", per_page=2))
    assert [(each.key, each.size, each.storage_class) for each in found] == [
        (f"p/{number}", 7, "Standard") for number in range(5)
    ]
    rule: Any = {
        "id": "old",
        "enabled": True,
        "conditions": {"prefix": ""},
        "delete_objects_transition": {"condition": {"type": "Age", "max_age": 86400}},
    }
    buckets.lifecycle.update(script, account_id=account, rules=[rule])
    [kept] = buckets.lifecycle.get(script, account_id=account).rules or []
    assert (kept.id, kept.enabled) == ("old", True)
    public = buckets.domains.managed.update(script, account_id=account, enabled=True)
    assert buckets.domains.managed.list(script, account_id=account).domain == public.domain
    assert buckets.domains.custom.list(script, account_id=account).domains == []
    edited = buckets.edit(script, account_id=account, storage_class="InfrequentAccess")
    assert buckets.get(script, account_id=account) == edited
    with pytest.raises(cloudflare.ConflictError) as full:
        buckets.delete(script, account_id=account)
    assert full.value.errors[0].code == 10008
    for number in range(5):
        assert objects.delete(f"p/{number}", **at).key == f"p/{number}"
    listed = buckets.list(account_id=account, name_contains=script).buckets or []
    assert [bucket.name for bucket in listed] == [script]
    buckets.delete(script, account_id=account)
