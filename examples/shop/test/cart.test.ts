import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { added, priced } from "../src/cart.ts";
import { Shop } from "./shop.ts";

const CART = "/api/cart/cart-0001";

suite("adding to a cart", () => {
  test("makes it and answers with its total", async () => {
    const response = await new Shop().post(CART, { sku: "tea-assam", quantity: 2 });
    assert.equal(response.status, 201);
    assert.deepEqual(await response.json(), {
      id: "cart-0001",
      lines: [{ sku: "tea-assam", quantity: 2, name: "Assam", total_cents: 1700 }],
      total_cents: 1700,
      total: "€17.00",
    });
  });

  test("twice adds up", async () => {
    const shop = new Shop();
    const cookie = await shop.cartWith("cart-0001", "tea-assam", 1);
    await shop.post(CART, { sku: "mug-blue" }, cookie);
    const response = await shop.post(CART, { sku: "tea-assam" }, cookie);
    assert.equal(((await response.json()) as { total: string }).total, "€31.00");
  });

  for (const [what, body, status] of [
    ["what is not JSON", "two mugs", 400],
    ["a list", [], 400],
    ["no product", { quantity: 1 }, 400],
    ["half a mug", { sku: "mug-blue", quantity: 0.5 }, 400],
    ["no mugs", { sku: "mug-blue", quantity: 0 }, 422],
    ["an unknown product", { sku: "yacht" }, 422],
    ["a hundred mugs", { sku: "mug-blue", quantity: 100 }, 422],
  ] as const) {
    test(`refuses ${what} and keeps nothing`, async () => {
      const shop = new Shop();
      assert.equal((await shop.post(CART, body)).status, status);
      assert.equal(shop.store.values.size, 0);
    });
  }

  test("leaves the other lines alone", () => {
    const lines = [{ sku: "a", quantity: 1 }, { sku: "b", quantity: 2 }];
    assert.deepEqual(added(lines, { sku: "b", quantity: 3 }), [lines[0], { sku: "b", quantity: 5 }]);
  });
});

suite("a cart", () => {
  test("is shown to who holds its cookie", async () => {
    const shop = new Shop();
    const cookie = await shop.cartWith("cart-0001", "pot-cast", 1);
    const response = await shop.get(CART, cookie);
    assert.equal(response.status, 200);
    assert.equal(((await response.json()) as { total_cents: number }).total_cents, 5900);
  });

  test("is closed to everyone else", async () => {
    const shop = new Shop();
    await shop.cartWith("cart-0001", "pot-cast", 1);
    const another = await shop.cartWith("cart-0002", "mug-blue", 1);
    assert.equal((await shop.get(CART)).status, 403);
    assert.equal((await shop.get(CART, another)).status, 403);
    assert.equal((await shop.get(CART, `cart=cart-0001.${"0".repeat(64)}`)).status, 403);
    assert.equal((await shop.post(CART, { sku: "mug-blue" }, another)).status, 403);
  });

  test("that has expired is a 404", async () => {
    const shop = new Shop();
    const cookie = await shop.cartWith("cart-0001", "pot-cast", 1);
    shop.store.values.clear();
    assert.equal((await shop.get(CART, cookie)).status, 404);
  });

  test("drops products that are no longer sold", () => {
    const lines = [{ sku: "yacht", quantity: 1 }];
    assert.deepEqual(priced(lines, []), []);
  });

  test("cannot be made without the secret", async (context) => {
    context.mock.method(console, "error", () => undefined);
    const shop = new Shop();
    shop.env.CART_SIGNING_KEY = "";
    assert.equal((await shop.post(CART, { sku: "mug-blue" })).status, 500);
    assert.equal(shop.store.values.size, 0);
  });
});
