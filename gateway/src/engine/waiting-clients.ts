/** Who waits for a plan: whoever asks for the same operation while it is being made ready joins those who did before. */
export class WaitingClients implements Iterable<string> {
  readonly #clients = new Set<string>();
  readonly #joined = new Set<WaitingClients>();

  add(client: string): void {
    this.#clients.add(client);
    for (const others of this.#joined) others.add(client);
  }

  /** All who wait here, now and later, wait there as well. */
  join(others: WaitingClients): void {
    if (others === this) return;
    this.#joined.add(others);
    for (const client of this.#clients) others.add(client);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#clients.values();
  }
}
