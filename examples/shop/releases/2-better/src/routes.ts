import { added, orderedLine, priced, readCart, total, writeCart, type Line } from "./cart.ts";
import { catalogue, type Product } from "./catalogue.ts";
import { saved } from "./discount.ts";
import type { Env } from "./env.ts";
import { cookie, html, json, readJson, Refusal } from "./http.ts";
import { money } from "./money.ts";
import { shopPage } from "./page.ts";
import { search } from "./search.ts";
import { isSigned, sign } from "./signature.ts";

interface Route {
  readonly method: "GET" | "POST";
  readonly path: RegExp;
  /** `id` is what the path's group caught, or the empty string. */
  answer(request: Request, env: Env, id: string): Promise<Response> | Response;
}

const CART = /^\/api\/cart\/([a-z0-9-]{8,64})$/;

const ROUTES: readonly Route[] = [
  { method: "GET", path: /^\/$/, answer: home },
  { method: "GET", path: /^\/health$/, answer: health },
  { method: "GET", path: /^\/api\/products$/, answer: listProducts },
  { method: "GET", path: CART, answer: showCart },
  { method: "POST", path: CART, answer: addToCart },
];

export async function route(request: Request, env: Env): Promise<Response> {
  const { pathname } = new URL(request.url);
  const here = ROUTES.filter(({ path }) => path.test(pathname));
  if (here.length === 0) throw new Refusal(404, `There is nothing at ${pathname}.`);
  const found = here.find(({ method }) => method === request.method);
  if (!found) throw new Refusal(405, `${pathname} does not answer ${request.method}.`);
  return found.answer(request, env, found.path.exec(pathname)?.[1] ?? "");
}

async function home(_request: Request, env: Env): Promise<Response> {
  return html(shopPage(env.SHOP_NAME, await catalogue(env.SHOP), env.CURRENCY));
}

function health(_request: Request, env: Env): Response {
  return json({ status: "ok", version: env.CF_VERSION_METADATA.id });
}

async function listProducts(request: Request, env: Env): Promise<Response> {
  const words = new URL(request.url).searchParams.get("search") ?? "";
  return json({ currency: env.CURRENCY, products: search(await catalogue(env.SHOP), words) });
}

async function showCart(request: Request, env: Env, id: string): Promise<Response> {
  await requireOwner(request, env, id);
  const lines = await readCart(env.SHOP, id);
  if (!lines) throw new Refusal(404, "This cart is empty or has expired.");
  return json(cartBody(env, id, lines, await catalogue(env.SHOP)));
}

/** The first item makes the cart and gives its cookie; later ones need that cookie. */
async function addToCart(request: Request, env: Env, id: string): Promise<Response> {
  const lines = await readCart(env.SHOP, id);
  if (lines) await requireOwner(request, env, id);
  const products = await catalogue(env.SHOP);
  const more = orderedLine(await readJson(request), products);
  const signature = await sign(id, env.CART_SIGNING_KEY);
  const filled = added(lines ?? [], more);
  await writeCart(env.SHOP, id, filled);
  return json(cartBody(env, id, filled, products), 201, {
    "set-cookie": `cart=${id}.${signature}; Path=/api/cart; HttpOnly; Secure; SameSite=Lax`,
  });
}

async function requireOwner(request: Request, env: Env, id: string): Promise<void> {
  const [claimed, signature] = (cookie(request, "cart") ?? "").split(".");
  if (claimed !== id || !(await isSigned(id, signature ?? "", env.CART_SIGNING_KEY))) {
    throw new Refusal(403, "This cart belongs to someone else.");
  }
}

function cartBody(env: Env, id: string, lines: readonly Line[], products: readonly Product[]): object {
  const pricedLines = priced(lines, products);
  const saved_cents = saved(pricedLines);
  const total_cents = total(pricedLines) - saved_cents;
  const bill = { id, lines: pricedLines, total_cents, total: money(total_cents, env.CURRENCY) };
  return saved_cents > 0 ? { ...bill, saved: money(saved_cents, env.CURRENCY) } : bill;
}
