import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { saved } from "../src/discount.ts";
import { Shop } from "./shop.ts";

suite("the discount", () => {
  test("is a tenth from three of a kind on", () => {
    assert.equal(saved([line(2, 1700)]), 0);
    assert.equal(saved([line(3, 2550)]), 255);
  });

  test("is rounded down for each line", () => {
    assert.equal(saved([line(3, 2559), line(3, 2559)]), 510);
  });

  test("is taken off the cart's total", async () => {
    const response = await new Shop().post("/api/cart/cart-0001", { sku: "tea-assam", quantity: 4 });
    const body = (await response.json()) as { total: string; saved: string };
    assert.equal(body.total, "€30.60");
    assert.equal(body.saved, "€3.40");
  });

  test("is not mentioned when there is none", async () => {
    const response = await new Shop().post("/api/cart/cart-0001", { sku: "tea-assam", quantity: 1 });
    assert.equal("saved" in ((await response.json()) as object), false);
  });
});

function line(quantity: number, total_cents: number) {
  return { sku: "tea-assam", name: "Assam", quantity, total_cents };
}
