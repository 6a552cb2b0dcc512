import worker from "../src/index.ts";
import { MemoryStore } from "./memory-store.ts";

/** A shop of one's own for a test, called the way the outside calls it. */
export class Shop {
  readonly store = new MemoryStore();
  readonly env = {
    SHOP: this.store,
    CF_VERSION_METADATA: { id: "0192-test", tag: "", timestamp: "2026-11-01T00:00:00Z" },
    SHOP_NAME: "Tea & Co",
    CURRENCY: "EUR",
    CART_SIGNING_KEY: "only-for-tests",
  };

  get(path: string, cookie = ""): Promise<Response> {
    return this.#fetch(path, { headers: { cookie } });
  }

  post(path: string, body: unknown, cookie = ""): Promise<Response> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return this.#fetch(path, { method: "POST", headers: { cookie }, body: text });
  }

  /** Puts one item into a new cart and gives back the cookie that opens it. */
  async cartWith(id: string, sku: string, quantity: number): Promise<string> {
    const response = await this.post(`/api/cart/${id}`, { sku, quantity });
    return (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    return worker.fetch(new Request(`https://shop.example${path}`, init), this.env);
  }
}
