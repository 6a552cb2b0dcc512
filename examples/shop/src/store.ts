/** The part of a KV namespace that the shop uses. */
export interface Store {
  get(key: string, options: { type: "json" }): Promise<unknown>;
  put(key: string, value: string, options?: { expirationTtl?: number }): Promise<void>;
}

type IsStore<T extends Store> = T;
/** What the runtime binds; named here so that the compiler compares the two. */
export type Namespace = IsStore<KVNamespace>;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
