import type { Line } from "./cart.ts";
import type { Product } from "./catalogue.ts";
import { Refusal } from "./http.ts";
import { Permits } from "./permits.ts";
import { isRecord, type Store } from "./store.ts";

export interface StockedProduct extends Product {
  readonly units_left?: number;
}

const SCARCE = new Set(["pot-cast", "honey-lime"]);
const reads = new Permits(64);

/** The same products; those that are scarce say how many are left. */
export async function withUnitsLeft(
  store: Store,
  products: readonly Product[],
): Promise<readonly StockedProduct[]> {
  return Promise.all(
    products.map(async (product) => {
      const units_left = await unitsLeft(store, product.sku);
      return units_left === null ? product : { ...product, units_left };
    }),
  );
}

export async function requireInStock(store: Store, line: Line): Promise<void> {
  const units_left = await unitsLeft(store, line.sku);
  if (units_left !== null && units_left < line.quantity) {
    throw new Refusal(422, `Only ${units_left} left of "${line.sku}".`);
  }
}

/** Null when nobody counts this product. */
async function unitsLeft(store: Store, sku: string): Promise<number | null> {
  if (!SCARCE.has(sku)) return null;
  await reads.take();
  const stock = await store.get(`stock:${sku}`, { type: "json" });
  if (!isRecord(stock) || typeof stock.units !== "number") return null;
  reads.giveBack();
  return stock.units;
}
