import type { Flight } from './flight.ts';
import type { SubgraphAddress } from './subgraph-request.ts';

/** All that makes two fetches the same: whatever can change an answer belongs here. */
export interface FlightKey {
  readonly subgraph: SubgraphAddress;
  readonly body: string;
  /** `''` for a fetch that does not carry identity. */
  readonly identity: string;
  /** The forwarded headers, as one text. */
  readonly headers: string;
}

interface Entry extends FlightKey {
  readonly flight: Flight;
}

/** The requests in the air that a caller with the same fetch may join. */
export class SharedFlights {
  // By the body alone, since it tells nearly all of them apart: a joint text would copy and hash the body once more.
  #byBody = new Map<string, readonly Entry[]>();

  find(key: FlightKey): Flight | undefined {
    return this.#byBody.get(key.body)?.find((entry) => isSame(entry, key))?.flight;
  }

  add(key: FlightKey, flight: Flight): void {
    const others = this.#byBody.get(key.body)?.filter((entry) => !isSame(entry, key)) ?? [];
    this.#byBody.set(key.body, [...others, { ...key, flight }]);
  }

  delete(body: string, flight: Flight): void {
    const others = this.#byBody.get(body)?.filter((entry) => entry.flight !== flight) ?? [];
    if (others.length > 0) this.#byBody.set(body, others);
    else this.#byBody.delete(body);
  }

  /** Lets nobody join what is in the air; those who wait for it go on waiting. */
  clear(): void {
    this.#byBody = new Map();
  }
}

const isSame = (entry: FlightKey, key: FlightKey): boolean =>
  entry.subgraph.name === key.subgraph.name &&
  entry.subgraph.url === key.subgraph.url &&
  entry.identity === key.identity &&
  entry.headers === key.headers;
