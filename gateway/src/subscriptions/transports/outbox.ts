import type { Flushable, FlushSchedule } from './flush-schedule.ts';
import { Scratch } from './scratch.ts';

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
  write(bytes: Buffer, onWritten?: () => void): boolean;
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
const scratch = new Scratch();

/**
 * What one connection has still to send. Messages are kept as they were given (a shared body is not copied) and put into
 * one piece when it is time to write, so that any number of them costs one write; while the client has not taken the
 * last write, they wait for it.
 */
export class Outbox implements Flushable {
  // Each by itself: ten thousand of these are visited for an event, and one more step to each costs as much as the work.
  readonly #wire: Wire;
  readonly #framing: Framing;
  readonly #schedule: FlushSchedule;
  readonly #onRoom: () => void;
  // The first message, apart from all others (prefix, body, prefix, body, …): mostly there is no other, and ten thousand
  // lists for each event would keep the garbage collector busy.
  #prefix: Buffer | undefined;
  #body: Buffer = empty;
  #others: Buffer[] | undefined;
  #waitingBytes = 0;
  #inFlight = 0;
  // Whether the wire had nothing left to send after the last write.
  #takesAtOnce = true;
  #isDue = false;
  #isFull = false;

  constructor({ wire, framing, schedule, onRoom }: OutboxOptions) {
    this.#wire = wire;
    this.#framing = framing;
    this.#schedule = schedule;
    this.#onRoom = onRoom;
  }

  /** Bytes that have not left the process. */
  get bufferedBytes(): number {
    // Asked for each message, and the wire has to add it up.
    return this.#waitingBytes + (this.#inFlight === 0 ? 0 : this.#wire.writableLength);
  }

  /** Whether a message now would find no room; it is taken all the same. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** @returns false when the sender should wait for `onRoom` */
  push(prefix: Buffer, body: Buffer): boolean {
    if (!this.#prefix) {
      this.#prefix = prefix;
      this.#body = body;
    } else if (this.#others) this.#others.push(prefix, body);
    else this.#others = [prefix, body];
    this.#waitingBytes += this.#framing.sizeOf(prefix, body);
    if (!this.#isDue) {
      this.#isDue = true;
      this.#schedule.add(this);
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
    const framing = this.#framing;
    const prefix = this.#prefix;
    if (!prefix) return;
    const body = this.#body;
    const others = this.#others;
    const bytes = this.#waitingBytes;
    this.clear();
    if (isGone(this.#wire)) return;
    if (bytes <= largestCopy) {
      const target = this.#takesAtOnce ? scratch.lend(bytes) : Buffer.allocUnsafe(bytes);
      const at = framing.copy(target, 0, prefix, body);
      if (others) copyAll(others, target, at, framing);
      this.#write(target);
      return;
    }
    this.#writeAlone(prefix, body);
    if (others) this.#writeEach(others);
  }

  #writeEach(messages: readonly Buffer[]): void {
    for (let index = 0; index < messages.length; index += 2) {
      this.#writeAlone(messages[index] ?? empty, messages[index + 1] ?? empty);
    }
  }

  #writeAlone(prefix: Buffer, body: Buffer): void {
    const framing = this.#framing;
    const target = Buffer.allocUnsafe(framing.sizeOf(prefix, body));
    framing.copy(target, 0, prefix, body);
    this.#write(target);
  }

  #write(bytes: Buffer): void {
    const wire = this.#wire;
    if (!this.#takesAtOnce) {
      this.#inFlight += 1;
      wire.write(bytes, this.#onWritten);
      this.#takesAtOnce = wire.writableLength === 0;
      return;
    }
    // To be called back costs a tick and a closure for each write, and mostly there is nothing to wait for.
    wire.write(bytes);
    if (wire.writableLength === 0) {
      this.#noteRoom();
      return;
    }
    this.#takesAtOnce = false;
    scratch.leave(bytes);
    this.#inFlight += 1;
    // Nothing more to say: who writes it is called back when what was said before is on its way.
    wire.write(empty, this.#onWritten);
  }

  /** Lets go of what waits; nobody is there to read it. */
  clear(): void {
    this.#prefix = undefined;
    this.#body = empty;
    this.#others = undefined;
    this.#waitingBytes = 0;
  }

  // One function for all writes of a connection, not one for each.
  readonly #onWritten = (): void => {
    this.#inFlight -= 1;
    if (isGone(this.#wire)) return;
    if (this.#inFlight === 0 && this.#prefix && !this.#isDue) {
      this.#isDue = true;
      this.#schedule.add(this);
    }
    this.#noteRoom();
  };

  #noteRoom(): void {
    if (!this.#isFull || this.bufferedBytes > roomyBytes) return;
    this.#isFull = false;
    this.#onRoom();
  }
}

const empty = Buffer.alloc(0);

const isGone = (wire: Wire): boolean => wire.destroyed || wire.writableEnded;

function copyAll(messages: readonly Buffer[], target: Buffer, start: number, framing: Framing): void {
  let at = start;
  for (let index = 0; index < messages.length; index += 2) {
    at = framing.copy(target, at, messages[index] ?? empty, messages[index + 1] ?? empty);
  }
}
