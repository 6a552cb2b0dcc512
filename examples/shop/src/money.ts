/** Cents to what people read: `money(1250, "EUR")` is `€12.50`. */
export function money(cents: number, currency: string): string {
  return new Intl.NumberFormat("en", { style: "currency", currency }).format(cents / 100);
}
