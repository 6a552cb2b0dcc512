import type { Product } from "./catalogue.ts";
import { Refusal } from "./http.ts";
import { isRecord, type Store } from "./store.ts";

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

export interface PricedLine extends Line {
  readonly name: string;
  readonly total_cents: number;
}

const KEPT_S = 7 * 24 * 3600;
const MOST_OF_A_KIND = 99;

/** The cart's lines, or null when there is no such cart. */
export async function readCart(store: Store, id: string): Promise<readonly Line[] | null> {
  const stored = await store.get(key(id), { type: "json" });
  if (stored === null) return null;
  if (Array.isArray(stored) && stored.every(isLine)) return stored;
  throw new Error(`The KV key "${key(id)}" does not hold a cart.`);
}

export async function writeCart(store: Store, id: string, lines: readonly Line[]): Promise<void> {
  await store.put(key(id), JSON.stringify(lines), { expirationTtl: KEPT_S });
}

/** Reads `{"sku": "...", "quantity": 2}`; the quantity may be left out and is 1 then. */
export function orderedLine(body: unknown, products: readonly Product[]): Line {
  const line = isRecord(body) ? { quantity: 1, ...body } : body;
  if (!isLine(line)) throw new Refusal(400, 'Send {"sku": "...", "quantity": 1}.');
  if (line.quantity < 1) throw new Refusal(422, "The quantity is at least 1.");
  if (!products.some((product) => product.sku === line.sku)) {
    throw new Refusal(422, `There is no product "${line.sku}".`);
  }
  return { sku: line.sku, quantity: line.quantity };
}

export function added(lines: readonly Line[], more: Line): readonly Line[] {
  const present = lines.find((line) => line.sku === more.sku);
  const quantity = (present?.quantity ?? 0) + more.quantity;
  if (quantity > MOST_OF_A_KIND) throw new Refusal(422, `We sell at most ${MOST_OF_A_KIND} of a kind.`);
  if (!present) return [...lines, more];
  return lines.map((line) => (line === present ? { ...line, quantity } : line));
}

/** Lines with names and prices; products that are no longer sold drop out. */
export function priced(lines: readonly Line[], products: readonly Product[]): readonly PricedLine[] {
  return lines.flatMap((line) => {
    const product = products.find(({ sku }) => sku === line.sku);
    if (!product) return [];
    return [{ ...line, name: product.name, total_cents: product.price_cents * line.quantity }];
  });
}

export function total(lines: readonly PricedLine[]): number {
  return lines.reduce((sum, line) => sum + line.total_cents, 0);
}

function key(id: string): string {
  return `cart:${id}`;
}

function isLine(value: unknown): value is Line {
  return isRecord(value) && typeof value.sku === "string" && Number.isSafeInteger(value.quantity);
}
