import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Permits } from "../src/permits.ts";
import { Shop } from "./shop.ts";

const CART = "/api/cart/cart-0001";

suite("the stock", () => {
  test("is shown for scarce products that were counted", async () => {
    const shop = await shopWithPots(3);
    const body = (await (await shop.get("/api/products")).json()) as { products: Stocked[] };
    assert.deepEqual(
      body.products.filter(({ units_left }) => units_left !== undefined).map(({ sku }) => sku),
      ["pot-cast"],
    );
    assert.match(await (await shop.get("/")).text(), /Only 3 left/);
  });

  test("limits what a cart can hold", async () => {
    const shop = await shopWithPots(3);
    assert.equal((await shop.post(CART, { sku: "pot-cast", quantity: 4 })).status, 422);
    const cookie = await shop.cartWith("cart-0001", "pot-cast", 2);
    assert.equal((await shop.post(CART, { sku: "pot-cast", quantity: 2 }, cookie)).status, 422);
  });

  test("does not limit what nobody counts", async () => {
    assert.equal((await new Shop().post(CART, { sku: "honey-lime", quantity: 9 })).status, 201);
  });
});

suite("permits", () => {
  test("make a caller wait until one is given back", async () => {
    const permits = new Permits(1);
    await permits.take();
    setTimeout(() => permits.giveBack(), 10);
    await permits.take();
  });

  test("are refused after a while", async () => {
    await assert.rejects(new Permits(0).take(), /No permit within 240 ms/);
  });
});

interface Stocked {
  readonly sku: string;
  readonly units_left?: number;
}

async function shopWithPots(units: number): Promise<Shop> {
  const shop = new Shop();
  await shop.store.put("stock:pot-cast", JSON.stringify({ units }));
  return shop;
}
