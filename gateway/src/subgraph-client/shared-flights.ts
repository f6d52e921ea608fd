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

/** The requests in the air that a caller with the same fetch may join. */
export class SharedFlights {
  // By the body alone, since it tells nearly all of them apart: a joint text would copy and hash the body once more.
  #byBody = new Map<string, Flight[]>();

  find(key: FlightKey): Flight | undefined {
    return this.#byBody.get(key.body)?.find((flight) => isSame(flight.key, key));
  }

  /** Lets others join it; whatever was there under the same key is joined no more. */
  add(key: FlightKey, flight: Flight): void {
    const flights = this.#byBody.get(key.body);
    if (!flights) {
      this.#byBody.set(key.body, [flight]);
      return;
    }
    const index = flights.findIndex((other) => isSame(other.key, key));
    if (index === -1) flights.push(flight);
    else flights[index] = flight;
  }

  delete(key: FlightKey, flight: Flight): void {
    const flights = this.#byBody.get(key.body);
    const index = flights?.indexOf(flight) ?? -1;
    if (!flights || index === -1) return;
    if (flights.length === 1) this.#byBody.delete(key.body);
    else flights.splice(index, 1);
  }

  /** Lets nobody join what is in the air; those who wait for it go on waiting. */
  clear(): void {
    this.#byBody = new Map();
  }
}

const isSame = (key: FlightKey | undefined, other: FlightKey): boolean =>
  key !== undefined &&
  key.identity === other.identity &&
  key.headers === other.headers &&
  key.subgraph.name === other.subgraph.name &&
  key.subgraph.url === other.subgraph.url;
