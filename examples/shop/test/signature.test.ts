import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { isSigned, sign } from "../src/signature.ts";

suite("a signature", () => {
  test("is HMAC-SHA-256 (RFC 4231, case 2)", async () => {
    assert.equal(
      await sign("what do ya want for nothing?", "Jefe"),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });

  test("holds for its own text and key only", async () => {
    const signature = await sign("cart-0001", "key");
    assert.equal(await isSigned("cart-0001", signature, "key"), true);
    assert.equal(await isSigned("cart-0002", signature, "key"), false);
    assert.equal(await isSigned("cart-0001", signature, "another key"), false);
  });

  test("that is not hexadecimal is refused", async () => {
    assert.equal(await isSigned("cart-0001", "zz", "key"), false);
  });
});
