import type { FormattedError } from '../errors/format-error.ts';
import type { Principal } from '../identity/principal.ts';
import type { Group } from './groups/group.ts';
import { withDropped } from './shared-result.ts';
import type { SharedResult, SubscriberSink } from './subscriber-sink.ts';

export interface DeliveryOptions {
  /** What may wait for a subscriber that reads slowly. */
  readonly maxQueueBytes: number;
  /** What happens beyond that: the oldest are left out and the subscriber is told, or its subscription ends. */
  readonly whenSlow: 'drop' | 'close';
}

/** What all subscribers of a process have in common. */
export interface SubscriberHost {
  readonly delivery: DeliveryOptions;
  /** Told once of each, when nothing is delivered to it any more, whoever ended it. */
  onClose(subscriber: Subscriber): void;
  /** Told how many results were left out for somebody. */
  onDropped(count: number, subscriber: Subscriber): void;
  /** A sink threw, which is a mistake of its transport. */
  onBrokenSink(error: unknown): void;
  /** The errors of one that is closed because it reads too slowly. */
  tooSlow(): readonly FormattedError[];
}

/** What waits for one subscriber; most have none, ever. */
interface Queue {
  readonly results: SharedResult[];
  bytes: number;
}

/** One who gets the results of a subscription. What it does not take waits here, up to a bound, and for nobody else. */
export class Subscriber {
  principal: Principal;
  /** Whose results it gets. */
  group: Group | undefined;
  /** Events up to this one are not meant for it, or have reached it by another way. */
  since = 0;
  /** Whether it goes on where it was, and so has missed what happened before it came. */
  resumes = false;
  /** Whether it wants to know where the log is, though nothing happens that it has subscribed to. */
  wantsPlace = false;
  readonly #sink: SubscriberSink;
  readonly #host: SubscriberHost;
  #queue: Queue | undefined;
  #dropped = 0;
  #quietLooks = 0;
  #isOpen = true;
  #isBlocked = false;
  #isHeld = false;
  #onWritable: (() => void) | undefined;
  #onClose: (() => void)[] | undefined;

  constructor(principal: Principal, sink: SubscriberSink, host: SubscriberHost) {
    this.principal = principal;
    this.#sink = sink;
    this.#host = host;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Calls back once, when nothing is delivered any more. */
  onClose(done: () => void): void {
    if (this.#isOpen) (this.#onClose ??= []).push(done);
    else done();
  }

  /** What waits for it, in bytes. */
  get queuedBytes(): number {
    return this.#queue?.bytes ?? 0;
  }

  /** Gives it a result, or keeps it for when it takes more. */
  deliver(result: SharedResult): void {
    if (!this.#isOpen) return;
    this.#quietLooks = 0;
    if (this.#isBlocked || this.#isHeld) this.#enqueue(result);
    else this.#give(result);
  }

  /** Tells it where the log is, if it wants to know and nothing is on its way to it that is older. */
  tellPlace(place: SharedResult): void {
    if (this.wantsPlace && this.#isOpen && !this.#isBlocked && !this.#isHeld) this.#give(place);
  }

  /** Notes that results were left out before the next one, for which it will be told. */
  miss(count: number): void {
    if (this.#isOpen) this.#dropped += count;
  }

  /** Gives it a result at once, past what is held; whoever calls it waits until it is {@link writable}. */
  deliverPast(result: SharedResult): void {
    if (!this.#isOpen) return;
    this.#quietLooks = 0;
    this.#isBlocked = !this.#offer(result);
  }

  /** Counts how often somebody has looked since it last got a result: a clock would be read for each of them. */
  lookForResults(): number {
    this.#quietLooks += 1;
    return this.#quietLooks;
  }

  /** Resolves when it takes more, or never will. */
  async writable(): Promise<void> {
    if (!this.#isOpen || !this.#isBlocked) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onWritable = resolve;
    await promise;
  }

  /** Keeps what is delivered from now on, and forgets what was kept before. */
  hold(): void {
    this.#isHeld = true;
    this.#queue = undefined;
    this.#dropped = 0;
  }

  /**
   * Delivers what was kept, and from now on everything.
   *
   * @returns false when some of it is lost: then it keeps on holding, and whoever held it begins again
   */
  release(): boolean {
    if (this.#dropped > 0) return false;
    this.#isHeld = false;
    this.#flush();
    return true;
  }

  /** Leaves out what is kept: it was made for rights that are gone. Whoever gets the next result is told. */
  forget(): void {
    this.#dropped += this.#queue?.results.length ?? 0;
    this.#queue = undefined;
  }

  resumeReading(): void {
    if (!this.#isOpen || !this.#isBlocked) return;
    this.#isBlocked = false;
    this.#wake();
    if (!this.#isHeld) this.#flush();
  }

  /** All has been said; what it has not read yet was said before. */
  end(): void {
    this.#finish(() => {
      this.#drain();
      this.#sink.end();
    });
  }

  fail(errors: readonly FormattedError[]): void {
    this.#finish(() => this.#sink.error(errors));
  }

  /** It has left: its sink hears nothing more. */
  stop(): void {
    this.#finish(() => undefined);
  }

  #give(result: SharedResult): void {
    this.#isBlocked = !this.#offer(this.#dropped === 0 ? result : this.#tellDropped(result));
  }

  #offer(result: SharedResult): boolean {
    try {
      return this.#sink.next(result);
    } catch (error: unknown) {
      // Nobody else's results wait behind it.
      this.#host.onBrokenSink(error);
      this.stop();
      return false;
    }
  }

  #tellDropped(result: SharedResult): SharedResult {
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#host.onDropped(dropped, this);
    return withDropped(result, dropped);
  }

  #enqueue(result: SharedResult): void {
    const { maxQueueBytes, whenSlow } = this.#host.delivery;
    const queue = (this.#queue ??= { results: [], bytes: 0 });
    queue.results.push(result);
    queue.bytes += result.bytes.length;
    if (queue.bytes <= maxQueueBytes) return;
    if (whenSlow === 'close' && !this.#isHeld) {
      this.fail(this.#host.tooSlow());
      return;
    }
    // One result alone always fits: otherwise a large one would never arrive.
    while (queue.bytes > maxQueueBytes && queue.results.length > 1) {
      queue.bytes -= queue.results.shift()?.bytes.length ?? 0;
      this.#dropped += 1;
    }
  }

  #flush(): void {
    while (this.#isOpen && !this.#isBlocked) {
      const result = this.#next();
      if (!result) return;
      this.#give(result);
    }
  }

  #drain(): void {
    for (let result = this.#next(); result; result = this.#next()) this.#give(result);
  }

  #next(): SharedResult | undefined {
    const queue = this.#queue;
    const result = queue?.results.shift();
    if (queue && result) queue.bytes -= result.bytes.length;
    else this.#queue = undefined;
    return result;
  }

  #wake(): void {
    const wake = this.#onWritable;
    this.#onWritable = undefined;
    wake?.();
  }

  #finish(say: () => void): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#wake();
    try {
      say();
    } catch (error: unknown) {
      this.#host.onBrokenSink(error);
    }
    this.#queue = undefined;
    this.#host.onClose(this);
    for (const done of this.#onClose ?? []) done();
    this.#onClose = undefined;
  }
}
