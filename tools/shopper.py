"""One visitor of the example shop: what it asks for next, and what it remembers of the answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

_SKUS = ("mug-blue", "tea-assam", "tea-sencha", "pot-cast", "honey-lime", "towel-linen")
_ITEMS_IN_A_CART = 12
_WEIGHTS = {"products": 40, "home": 20, "health": 15, "show_cart": 15, "fill_cart": 10}


@dataclass(frozen=True)
class Request:
    """One HTTP request of a visitor."""

    path: str
    method: str = "GET"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_idempotent(self) -> bool:
        """Whether it may be sent again by a client that cannot know if the first one arrived."""
        return self.method == "GET"


class Shopper:
    """Looks around, fills a cart, looks into it, and takes a new cart now and then."""

    def __init__(self, name: str, chance: random.Random) -> None:
        """`name` sets this visitor's carts apart from those of others."""
        self._name = name
        self._chance = chance
        self._carts = 0
        self._items = 0
        self._cookie = ""

    def next_request(self) -> Request:
        """What this visitor asks for now."""
        (choice,) = self._chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
        if choice == "products":
            return Request("/api/products")
        if choice == "home":
            return Request("/")
        if choice == "health":
            return Request("/health")
        if choice == "show_cart" and self._cookie:
            return Request(self._cart_path, headers={"Cookie": self._cookie})
        return self._fill_cart()

    def remember(self, set_cookie: str | None) -> None:
        """Keep the cookie that opens this visitor's cart."""
        if set_cookie:
            self._cookie = set_cookie.partition(";")[0]

    @property
    def _cart_path(self) -> str:
        return f"/api/cart/{self._name}-{self._carts}"

    def _fill_cart(self) -> Request:
        if self._items == _ITEMS_IN_A_CART:
            self._carts, self._items, self._cookie = self._carts + 1, 0, ""
        self._items += 1
        body = json.dumps({"sku": self._chance.choice(_SKUS), "quantity": 1}).encode()
        headers = {"Content-Type": "application/json"}
        if self._cookie:
            headers["Cookie"] = self._cookie
        return Request(self._cart_path, "POST", body, headers)
