import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Shop } from "./shop.ts";

const KETTLE = { sku: "kettle", name: "Kettle", description: "Whistles.", price_cents: 3900 };

suite("health", () => {
  test("says ok and names the version", async () => {
    const response = await new Shop().get("/health");
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: "ok", version: "0192-test" });
  });
});

suite("every answer", () => {
  for (const path of ["/", "/health", "/api/products", "/nowhere"]) {
    test(`of ${path} carries the version`, async () => {
      assert.equal((await new Shop().get(path)).headers.get("x-shop-version"), "0192-test");
    });
  }

  test("to an unknown path is a 404 in JSON", async () => {
    const response = await new Shop().get("/nowhere");
    assert.equal(response.status, 404);
    assert.deepEqual(await response.json(), { error: "There is nothing at /nowhere." });
  });

  test("to a method that a path lacks is a 405", async () => {
    assert.equal((await new Shop().post("/health", {})).status, 405);
  });
});

suite("the page", () => {
  test("lists each product with its price", async () => {
    const page = await (await new Shop().get("/")).text();
    assert.match(page, /Blue mug/);
    assert.match(page, /€14\.00/);
    assert.equal(page.match(/<li>/g)?.length, 6);
  });

  test("escapes names", async () => {
    const page = await (await new Shop().get("/")).text();
    assert.match(page, /<h1>Tea &amp; Co<\/h1>/);
  });
});

suite("the catalogue", () => {
  test("is the opening stock when KV holds none", async () => {
    assert.equal(await skus(new Shop()), "mug-blue tea-assam tea-sencha pot-cast honey-lime towel-linen");
  });

  test("that was changed in KV is seen after ten seconds", async (context) => {
    context.mock.timers.enable({ apis: ["Date"] });
    const shop = new Shop();
    await shop.store.put("catalogue", JSON.stringify([KETTLE]));
    assert.equal(await skus(shop), "kettle");
    await shop.store.put("catalogue", "[]");
    context.mock.timers.tick(9_999);
    assert.equal(await skus(shop), "kettle");
    context.mock.timers.tick(1);
    assert.equal(await skus(shop), "");
  });

  test("that is broken is a 500 that tells the outside nothing", async (context) => {
    context.mock.method(console, "error", () => undefined);
    const shop = new Shop();
    await shop.store.put("catalogue", '[{"sku": 1}]');
    const response = await shop.get("/api/products");
    assert.equal(response.status, 500);
    assert.deepEqual(await response.json(), { error: "Something went wrong on our side." });
  });
});

async function skus(shop: Shop): Promise<string> {
  const body = (await (await shop.get("/api/products")).json()) as { products: { sku: string }[] };
  return body.products.map(({ sku }) => sku).join(" ");
}
