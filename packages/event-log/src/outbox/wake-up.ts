/** Lets one loop sleep until there is something to do. */
export class WakeUp {
  #isRung = false;
  #rouse: (() => void) | undefined;

  /** Ends the wait, or the next one when nobody waits now. */
  ring(): void {
    this.#isRung = true;
    this.#rouse?.();
  }

  /** Waits until somebody rings, so long at most. */
  async wait(ms: number): Promise<void> {
    if (!this.#isRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#rouse = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isRung = false;
    this.#rouse = undefined;
  }
}
