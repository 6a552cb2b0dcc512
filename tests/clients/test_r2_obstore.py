"""The S3 endpoint of R2, with an S3 client that was not made for the edge."""

from __future__ import annotations

import datetime
import hashlib
import hmac
from typing import TYPE_CHECKING

import httpx2
import obstore
import pytest
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

if TYPE_CHECKING:
    from tests.localedge.client import RunningEdge

pytestmark = pytest.mark.e2e

ENDPOINT = "/cdn-cgi/local/r2/s3"
MIB = 1024 * 1024


def keys_of(edge: RunningEdge, token: str) -> tuple[str, str]:
    """The S3 key of a token: its id, and the hash of its value."""
    url = f"{edge.told['api_url']}/user/tokens/verify"
    told = httpx2.get(url, headers={"Authorization": f"Bearer {token}"}).json()
    return str(told["result"]["id"]), hashlib.sha256(token.encode()).hexdigest()


def s3(edge: RunningEdge, bucket: str, keys: tuple[str, str]) -> S3Store:
    endpoint = edge.told["api_url"].removesuffix("/client/v4") + ENDPOINT
    return S3Store(
        bucket,
        endpoint=endpoint,
        region="auto",
        access_key_id=keys[0],
        secret_access_key=keys[1],
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )


@pytest.fixture
def store(edge: RunningEdge, script: str) -> S3Store:
    """A bucket of the test's own, by S3."""
    assert edge.api("POST", "/r2/buckets", json={"name": script}).status == 200
    return s3(edge, script, keys_of(edge, edge.told["token"]))


@pytest.mark.parametrize("key", ["plain", "a/b c+é'(1).txt", "100%25", "a=b&c"])
def test_an_object_comes_back_under_any_key(edge: RunningEdge, store: S3Store, script: str, key: str) -> None:
    attributes = {"Content-Type": "text/x", "Cache-Control": "no-store", "by": "me"}
    obstore.put(store, key, b"hello", attributes=attributes)
    found = obstore.get(store, key)
    assert (bytes(found.bytes()), found.attributes["Content-Type"], found.attributes["by"]) == (
        b"hello",
        "text/x",
        "me",
    )
    assert [listed["key"] for listed in edge.api("GET", f"/r2/buckets/{script}/objects").result] == [key]
    assert bytes(obstore.get_range(store, key, start=1, end=3)) == b"el"
    assert obstore.head(store, key)["size"] == 5
    obstore.delete(store, key)
    with pytest.raises(FileNotFoundError):
        obstore.head(store, key)


def test_lists_with_prefix_and_delimiter(store: S3Store) -> None:
    for key in ["p/a", "p/b", "p/q/1", "p/q/2", "x"]:
        obstore.put(store, key, key.encode())
    folder = obstore.list_with_delimiter(store, "p")
    assert [found["path"] for found in folder["objects"]] == ["p/a", "p/b"]
    assert folder["common_prefixes"] == ["p/q"]
    assert [found["path"] for found in obstore.list(store, "p").collect()] == ["p/a", "p/b", "p/q/1", "p/q/2"]
    obstore.delete(store, ["p/a", "p/b"])
    assert [found["path"] for found in obstore.list(store).collect()] == ["p/q/1", "p/q/2", "x"]


def test_a_long_list_comes_in_pages(edge: RunningEdge, store: S3Store, script: str) -> None:
    binding = {"name": "BUCKET", "type": "r2_bucket", "bucket_name": script}
    edge.api("PUT", f"/workers/scripts/{script}", **edge.form(FILLER, bindings=[binding]))
    assert edge.visit(script).text == "filled"
    assert len(obstore.list(store).collect()) == 1203


FILLER = """
export default {
  async fetch(request, env) {
    const names = Array.from({ length: 1203 }, (_, number) => `k${String(number).padStart(4, "0")}`);
    for (let at = 0; at < names.length; at += 50) {
      await Promise.all(names.slice(at, at + 50).map((name) => env.BUCKET.put(name, "x")));
    }
    return new Response("filled");
  },
};
"""


def test_a_large_object_goes_up_in_parts(edge: RunningEdge, store: S3Store, script: str) -> None:
    size = 12 * MIB + 7
    value = bytes(range(256)) * (size // 256 + 1)
    obstore.put(store, "large", value[:size], use_multipart=True, chunk_size=5 * MIB)
    assert str(obstore.head(store, "large")["e_tag"]).strip('"').endswith("-3")
    read = edge.raw("GET", f"/r2/buckets/{script}/objects/large").content
    assert hashlib.sha256(read).digest() == hashlib.sha256(value[:size]).digest()


def test_an_object_is_copied(store: S3Store) -> None:
    obstore.put(store, "one/é", b"text", attributes={"Content-Type": "text/x"})
    obstore.copy(store, "one/é", "two")
    copied = obstore.get(store, "two")
    assert (bytes(copied.bytes()), copied.attributes["Content-Type"]) == (b"text", "text/x")


def test_presigned_addresses_open_one_object_for_a_while(store: S3Store) -> None:
    put = obstore.sign(store, "PUT", "signed", datetime.timedelta(minutes=1))
    assert httpx2.put(put, content=b"by address").status_code == 200
    get = obstore.sign(store, "GET", "signed", datetime.timedelta(minutes=1))
    assert httpx2.get(get).text == "by address"
    assert httpx2.get(get.replace("signed", "other")).status_code == 403
    assert httpx2.get(get.partition("?")[0]).status_code == 400


def test_who_has_no_key_sees_nothing(edge: RunningEdge, store: S3Store, script: str) -> None:
    obstore.put(store, "a", b"secret")
    key_id, secret = keys_of(edge, edge.told["token"])
    for wrong in ((key_id, "guessed"), ("0" * 32, secret)):
        with pytest.raises((PermissionDeniedError, UnauthenticatedError)) as refused:
            obstore.get(s3(edge, script, wrong), "a")
        assert secret not in str(refused.value)
    with pytest.raises(BaseError, match="NoSuchBucket"):
        obstore.list(s3(edge, "nobody-made-it", (key_id, secret))).collect()
    assert secret not in (edge.folder / "logs" / "edge.log").read_text()


def test_a_token_that_may_only_read_only_reads(edge: RunningEdge, store: S3Store, script: str) -> None:
    group = {"id": "b4992e1108244f5d8bfbd5744320c2e1"}  # Workers R2 Storage Read
    resources = {f"com.cloudflare.api.account.{edge.told['account_id']}": "*"}
    policy = {"effect": "allow", "permission_groups": [group], "resources": resources}
    made = edge.api("POST", "/tokens", json={"name": "reads", "policies": [policy]})
    assert made.status == 200, made
    obstore.put(store, "a", b"text")
    value = made.result["value"]
    reader = s3(edge, script, (made.result["id"], hashlib.sha256(value.encode()).hexdigest()))
    assert bytes(obstore.get(reader, "a").bytes()) == b"text"
    with pytest.raises(PermissionDeniedError):
        obstore.put(reader, "a", b"other")


def test_the_list_of_buckets_is_told_to_who_signs(edge: RunningEdge, store: S3Store, script: str) -> None:
    url = edge.told["api_url"].removesuffix("/client/v4") + ENDPOINT
    headers = signed_get(httpx2.URL(url), *keys_of(edge, edge.told["token"]))
    listed = httpx2.get(url, headers=headers)
    assert (listed.status_code, f"<Name>{script}</Name>" in listed.text) == (200, True)
    assert httpx2.get(url).status_code == 400
    asked = {"origin": "https://shop.example", "access-control-request-method": "PUT"}
    assert httpx2.options(f"{url}/{script}/a", headers=asked).headers["access-control-allow-origin"] == "*"


def signed_get(url: httpx2.URL, key_id: str, secret: str) -> dict[str, str]:
    """The headers of a GET that is signed by AWS Signature Version 4."""
    date = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{date[:8]}/auto/s3/aws4_request"
    names = "host;x-amz-content-sha256;x-amz-date"
    host = f"{url.host}:{url.port}"
    told = f"host:{host}\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:{date}\n"
    canonical = f"GET\n{url.path}\n\n{told}\n{names}\nUNSIGNED-PAYLOAD"
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in (date[:8], "auto", "s3", "aws4_request", text):
        key = hmac.digest(key, part.encode(), "sha256")
    credential = f"Credential={key_id}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    return {
        "authorization": f"AWS4-HMAC-SHA256 {credential}",
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        "x-amz-date": date,
    }
