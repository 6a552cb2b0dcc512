/** Signs and checks short texts with HMAC-SHA-256; signatures are written in hexadecimal. */

const ALGORITHM = { name: "HMAC", hash: "SHA-256" };

export async function sign(text: string, key: string): Promise<string> {
  const mac = await crypto.subtle.sign("HMAC", await imported(key), bytes(text));
  return [...new Uint8Array(mac)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function isSigned(text: string, signature: string, key: string): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  const pairs = signature.match(/../g) ?? [];
  const mac = Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
  return crypto.subtle.verify("HMAC", await imported(key), mac, bytes(text));
}

function imported(key: string): Promise<CryptoKey> {
  if (!key) throw new Error("The secret CART_SIGNING_KEY is missing.");
  return crypto.subtle.importKey("raw", bytes(key), ALGORITHM, false, ["sign", "verify"]);
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
