// Where a Worker answers beside SCRIPT.localhost: on routes and custom domains of a zone, and, one version by
// itself, at a preview address. The control plane has worked the rules out; here they are looked up.
import { env } from "cloudflare:workers";

let routes = []; // [regular expression for a URL, Worker or null], the most specific first
let domains = new Map(); // host -> Worker
let off = new Set(); // Workers whose own address is switched off
const previews = new Map(); // "1a2b3c4d-shop" -> version

// table: {routes: [[source, script], ...], domains: {host: script}, off: [script, ...]}
export function useAddresses(table) {
  routes = table.routes.map(([source, script]) => [new RegExp(source), script]);
  domains = new Map(Object.entries(table.domains));
  off = new Set(table.off);
}

useAddresses(env.ADDRESSES);

export function isOff(script) {
  return off.has(script);
}

// The Worker that a route or a custom domain names for this request. A route without a Worker leaves the host to
// its custom domain, as the platform would leave it to the origin.
export function scriptAt(host, { url, headers }) {
  const name = withoutPort(host);
  if (routes.length > 0) {
    // The edge has no TLS of its own; who speaks for a client that had none says so.
    const scheme = headers.get("x-forwarded-proto") === "http" ? "http" : "https";
    const address = `${scheme}://${name}${url.slice(url.indexOf("/", url.indexOf("//") + 2))}`;
    const route = routes.find(([pattern]) => pattern.test(address));
    if (route !== undefined && route[1] !== null) return route[1];
  }
  return domains.get(name);
}

// The version that a preview address names. One that is not known here may be asleep: the control plane knows, and
// tells the router before it answers.
export async function previewAt(host) {
  const label = /^([a-z0-9_-]+)\.localhost$/.exec(withoutPort(host))?.[1];
  if (label === undefined || !label.includes("-")) return {};
  const known = previews.get(label);
  if (known !== undefined) return { version: known };
  const told = await env.WAKER.fetch(`http://waker/${label}`);
  if (told.status === 204) return { version: previews.get(label) };
  return told.status === 503 ? { problem: await told.text() } : {};
}

export function addPreview(label, version) {
  previews.set(label, version);
}

// Of one Worker: their versions fall asleep, move to another process, or have given their alias to another.
export function forgetPreviews(script) {
  for (const [label, version] of previews) if (version.script === script) previews.delete(label);
}

export function previewed() {
  return previews.values();
}

function withoutPort(host) {
  return host.replace(/:\d*$/, "").toLowerCase();
}
