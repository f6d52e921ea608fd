import type { Flushable, FlushSchedule } from './flush-schedule.ts';

/** How a message looks on the wire. */
export interface Framing {
  /** Bytes that `prefix` and `body` take with what is put around them. */
  sizeOf(prefix: Buffer, body: Buffer): number;
  /** Writes the message into `target` and gives the place after it. */
  copy(target: Buffer, at: number, prefix: Buffer, body: Buffer): number;
}

/** The end of a connection: a socket, or a response that is written in pieces. */
export interface Wire {
  readonly writableLength: number;
  readonly writableEnded: boolean;
  readonly destroyed: boolean;
  write(bytes: Buffer, onWritten: () => void): boolean;
}

export interface OutboxOptions {
  readonly wire: Wire;
  readonly framing: Framing;
  readonly schedule: FlushSchedule;
  /** Called when the outbox takes messages again after {@link Outbox.push} said no. */
  readonly onRoom: () => void;
}

// What the kernel holds comes on top. A client that reads at all empties it in a few milliseconds.
const fullBytes = 64 * 1024;
const roomyBytes = fullBytes / 4;
const largestCopy = 1024 * 1024;

/**
 * What one connection has still to send. Messages are kept as they were given (a shared body is not copied) and put into
 * one piece when it is time to write, so that any number of them costs one write; while the client has not taken the
 * last write, they wait for it.
 */
export class Outbox implements Flushable {
  readonly #options: OutboxOptions;
  // Prefix, body, prefix, body, …
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #inFlight = 0;
  #isDue = false;
  #isFull = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Bytes that have not left the process. */
  get bufferedBytes(): number {
    return this.#waitingBytes + this.#options.wire.writableLength;
  }

  /** Whether a message now would find no room; it is taken all the same. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** @returns false when the sender should wait for `onRoom` */
  push(prefix: Buffer, body: Buffer): boolean {
    const { wire, framing, schedule } = this.#options;
    if (isGone(wire)) return true;
    this.#waiting.push(prefix, body);
    this.#waitingBytes += framing.sizeOf(prefix, body);
    if (!this.#isDue) {
      this.#isDue = true;
      schedule.add(this);
    }
    if (!this.#isFull) this.#isFull = this.bufferedBytes >= fullBytes;
    return !this.#isFull;
  }

  /** Writes what waits, unless the client has still to take what was written before. */
  flush(): void {
    this.#isDue = false;
    if (this.#inFlight === 0) this.flushNow();
  }

  /** Writes what waits, whatever the client does: the last thing before an end. */
  flushNow(): void {
    const { wire, framing } = this.#options;
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    const bytes = this.#waitingBytes;
    this.#waitingBytes = 0;
    if (isGone(wire)) return;
    if (bytes <= largestCopy) {
      this.#write(joined(waiting, bytes, framing));
      return;
    }
    for (let index = 0; index < waiting.length; index += 2) {
      const message = waiting.slice(index, index + 2);
      const [prefix = empty, body = empty] = message;
      this.#write(joined(message, framing.sizeOf(prefix, body), framing));
    }
  }

  #write(bytes: Buffer): void {
    this.#inFlight += 1;
    this.#options.wire.write(bytes, this.#onWritten);
  }

  /** Lets go of what waits; nobody is there to read it. */
  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  // One function for all writes of a connection, not one for each.
  readonly #onWritten = (): void => {
    const { wire, schedule, onRoom } = this.#options;
    this.#inFlight -= 1;
    if (isGone(wire)) return;
    if (this.#inFlight === 0 && this.#waiting.length > 0 && !this.#isDue) {
      this.#isDue = true;
      schedule.add(this);
    }
    if (!this.#isFull || this.bufferedBytes > roomyBytes) return;
    this.#isFull = false;
    onRoom();
  };
}

const empty = Buffer.alloc(0);

const isGone = (wire: Wire): boolean => wire.destroyed || wire.writableEnded;

function joined(messages: readonly Buffer[], bytes: number, framing: Framing): Buffer {
  const target = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (let index = 0; index < messages.length; index += 2) {
    at = framing.copy(target, at, messages[index] ?? empty, messages[index + 1] ?? empty);
  }
  return target;
}
