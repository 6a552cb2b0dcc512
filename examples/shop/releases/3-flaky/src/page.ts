import { money } from "./money.ts";
import type { StockedProduct } from "./stock.ts";

const STYLE = `
  :root { color-scheme: light dark; font: 17px/1.5 system-ui, sans-serif; }
  body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
  ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem; padding: 0; }
  li { list-style: none; padding: 1rem; border: 1px solid #8884; border-radius: .6rem; }
  h2 { margin: 0; font-size: 1.1rem; }
  p { margin: .3rem 0; }
  .price { font-weight: 600; }
`;

export function shopPage(name: string, products: readonly StockedProduct[], currency: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(name)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(name)}</h1>
<ul>
${products.map((product) => item(product, currency)).join("\n")}
</ul>
</body>
</html>
`;
}

function item(product: StockedProduct, currency: string): string {
  return `<li>
<h2>${escaped(product.name)}</h2>
<p>${escaped(product.description)}</p>
<p class="price">${money(product.price_cents, currency)}</p>${unitsLeft(product)}
</li>`;
}

function unitsLeft({ units_left }: StockedProduct): string {
  return units_left === undefined ? "" : `\n<p>Only ${units_left} left</p>`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
