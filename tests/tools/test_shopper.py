from __future__ import annotations

import json
import random

from tools.shopper import Request, Shopper


def _requests(count: int) -> list[Request]:
    shopper = Shopper("ann", random.Random(1))
    requests = []
    for _ in range(count):
        request = shopper.next_request()
        requests.append(request)
        if request.method == "POST":
            shopper.remember(f"cart={request.path.rpartition('/')[2]}.abc; Path=/api/cart; HttpOnly")
    return requests


def test_every_route_is_visited() -> None:
    paths = {f"{request.method} {request.path}" for request in _requests(200)}
    assert {"GET /", "GET /health", "GET /api/products"} <= paths
    assert {"POST /api/cart/ann-0", "GET /api/cart/ann-0"} <= paths


def test_a_cart_is_only_looked_into_with_its_cookie() -> None:
    looks = [it for it in _requests(500) if it.method == "GET" and "cart" in it.path]
    assert looks
    assert all(it.headers["Cookie"] == f"cart={it.path.rpartition('/')[2]}.abc" for it in looks)


def test_a_new_cart_is_taken_when_one_is_full() -> None:
    fills = [request for request in _requests(1000) if request.method == "POST"]
    carts = [request.path for request in fills]
    assert max(carts.count(cart) for cart in carts) == 12
    assert all(json.loads(request.body or b"")["quantity"] == 1 for request in fills)
    assert all(("Cookie" in fill.headers) == (number % 12 != 0) for number, fill in enumerate(fills))


def test_only_a_get_may_be_sent_again() -> None:
    assert Request("/").is_idempotent
    assert not Request("/", "POST").is_idempotent
