import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Shop } from "./shop.ts";

suite("the search", () => {
  for (const [words, found] of [
    ["tea", "mug-blue"],
    ["100 g", "tea-assam tea-sencha"],
    ["BLACK malty", "tea-assam"],
    ["yacht", ""],
  ] as const) {
    test(`for "${words}" finds "${found}"`, async () => {
      assert.equal(await skus(`?search=${encodeURIComponent(words)}`), found);
    });
  }

  test("without words finds everything", async () => {
    assert.equal((await skus("?search=")).split(" ").length, 6);
  });
});

async function skus(query: string): Promise<string> {
  const response = await new Shop().get(`/api/products${query}`);
  const body = (await response.json()) as { products: { sku: string }[] };
  return body.products.map(({ sku }) => sku).join(" ");
}
