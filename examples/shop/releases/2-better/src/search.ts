import type { Product } from "./catalogue.ts";

/** The products that hold each of the words in their name or description; no words find all of them. */
export function search(products: readonly Product[], words: string): readonly Product[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return products.filter(({ name, description }) => {
    const text = `${name} ${description}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
