import type { Store } from "../src/store.ts";

/** A KV namespace in memory: what is put is there at once, and nothing expires. */
export class MemoryStore implements Store {
  readonly values = new Map<string, string>();

  async get(key: string): Promise<unknown> {
    const value = this.values.get(key);
    return value === undefined ? null : JSON.parse(value);
  }

  async put(key: string, value: string): Promise<void> {
    this.values.set(key, value);
  }
}
