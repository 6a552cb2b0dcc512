import type { Store } from "./store.ts";

/** What wrangler.jsonc binds to the Worker, the same names in every environment. */
export interface Env {
  readonly SHOP: Store;
  readonly CF_VERSION_METADATA: { readonly id: string; readonly tag: string; readonly timestamp: string };
  readonly SHOP_NAME: string;
  /** ISO 4217, such as EUR. */
  readonly CURRENCY: string;
  /** Secret: proves that a cart's cookie was given out by this shop. */
  readonly CART_SIGNING_KEY: string;
}
