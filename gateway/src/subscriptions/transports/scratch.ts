// Most frames are smaller, and so is what comes for one socket in some milliseconds. A socket that does not take its
// frame at once keeps as much, whatever it was sent.
const sharedBytes = 4 * 1024;

/**
 * Memory to put a frame together in, one frame after the other. The system copies what it takes, so that for ten thousand
 * sockets that take theirs at once the same piece will do, and nothing is left for the garbage collector.
 */
export class Scratch {
  #memory = Buffer.allocUnsafeSlow(sharedBytes);
  #lent = this.#memory;

  /** So many bytes, until it is asked for more. */
  lend(bytes: number): Buffer {
    if (bytes > sharedBytes) return Buffer.allocUnsafe(bytes);
    // Mostly the next frame is as long as the last one.
    if (this.#lent.length !== bytes) this.#lent = this.#memory.subarray(0, bytes);
    return this.#lent;
  }

  /** Leaves what was lent last to whom it was lent. */
  leave(lent: Buffer): void {
    if (lent !== this.#lent) return;
    this.#memory = Buffer.allocUnsafeSlow(sharedBytes);
    this.#lent = this.#memory;
  }
}
