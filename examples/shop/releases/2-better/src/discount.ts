import type { PricedLine } from "./cart.ts";

const FROM_QUANTITY = 3;
const PERCENT = 10;

/** Cents off: a tenth of each line of three or more of a kind, rounded down for each line. */
export function saved(lines: readonly PricedLine[]): number {
  return lines
    .filter(({ quantity }) => quantity >= FROM_QUANTITY)
    .reduce((sum, line) => sum + Math.floor((line.total_cents * PERCENT) / 100), 0);
}
