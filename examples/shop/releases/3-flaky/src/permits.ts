const PATIENCE_MS = 240;
const STEP_MS = 30;

/** Lets at most so many callers do a thing at once; the others wait a little for their turn. */
export class Permits {
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  async take(): Promise<void> {
    for (let waited_ms = 0; this.#free === 0; waited_ms += STEP_MS) {
      if (waited_ms >= PATIENCE_MS) throw new Error(`No permit within ${PATIENCE_MS} ms.`);
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
    this.#free -= 1;
  }

  giveBack(): void {
    this.#free += 1;
  }
}
