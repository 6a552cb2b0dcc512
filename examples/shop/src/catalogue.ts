import { isRecord, type Store } from "./store.ts";

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly price_cents: number;
}

/** What a shop sells until its owner puts another list under the key `catalogue` in KV. */
const OPENING_STOCK: readonly Product[] = [
  { sku: "mug-blue", name: "Blue mug", description: "Stoneware, holds a proper tea.", price_cents: 1400 },
  { sku: "tea-assam", name: "Assam", description: "Black, malty, 100 g.", price_cents: 850 },
  { sku: "tea-sencha", name: "Sencha", description: "Green, grassy, 100 g.", price_cents: 1150 },
  { sku: "pot-cast", name: "Cast-iron pot", description: "Keeps 0.8 l warm for an hour.", price_cents: 5900 },
  { sku: "honey-lime", name: "Lime honey", description: "From the roof next door, 250 g.", price_cents: 920 },
  { sku: "towel-linen", name: "Linen towel", description: "Dries the mug, and the pot.", price_cents: 1600 },
];

const KEY = "catalogue";
const KEPT_MS = 10_000;

/** Kept in the isolate for a while, as every page needs it and each read of KV is paid for. */
const kept = new WeakMap<Store, { products: readonly Product[]; until_ms: number }>();

export async function catalogue(store: Store): Promise<readonly Product[]> {
  const here = kept.get(store);
  if (here && Date.now() < here.until_ms) return here.products;
  const products = await read(store);
  kept.set(store, { products, until_ms: Date.now() + KEPT_MS });
  return products;
}

async function read(store: Store): Promise<readonly Product[]> {
  const stored = await store.get(KEY, { type: "json" });
  if (stored === null) return OPENING_STOCK;
  if (Array.isArray(stored) && stored.every(isProduct)) return stored;
  throw new Error(`The KV key "${KEY}" does not hold a list of products.`);
}

function isProduct(value: unknown): value is Product {
  return (
    isRecord(value) &&
    typeof value.sku === "string" &&
    typeof value.name === "string" &&
    typeof value.description === "string" &&
    Number.isSafeInteger(value.price_cents)
  );
}
