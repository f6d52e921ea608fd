import { toError } from '@tributary/errors';
import type { Dispatcher } from 'undici';

import type { CancelSignal } from '../cancellation.ts';
import { SubgraphTimeout, SubgraphUnavailable } from '../errors/gateway-errors.ts';
import { decodeText } from '../http/decode-text.ts';
import { FlightCaller } from './flight-caller.ts';
import { isOutage, isOutageStatus, type Outcome } from './outage.ts';
import { parseAnswer } from './parse-answer.ts';
import { decompress, isJsonType, isKnownEncoding, isTooLarge } from './response-body.ts';
import type { FlightKey } from './shared-flights.ts';
import type { SubgraphAddress, SubgraphAnswer, SubgraphRequest } from './subgraph-request.ts';

/** The same for all flights of a client. */
export interface FlightOptions {
  /** How long each caller waits. */
  readonly timeoutMs: number;
  /** The most that an answer may have, compressed or not. */
  readonly maxBytes: number;
  /** How often a query may be sent again of which nothing came. */
  readonly retries: number;
  /** Called before it is sent again; `false` when it is to fail instead. */
  readonly onRetry: (flight: Flight) => boolean;
  /** Called when nothing more will come of it, before any caller is told. */
  readonly onEnd: (flight: Flight, outcome: Outcome) => void;
}

/** A header that comes twice is a list. */
type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

// What is no answer is read to its end, so that the connection can be kept, but not for long.
const maxRefuseBytes = 65_536;

// Callers of one flight that get its answer without a pause.
const atOnce = 16;

// Long enough for another process to listen, and different for each, so that not all come back at once.
const minPauseMs = 10;
const pauseSpreadMs = 40;

/**
 * One request in the air, and those who wait for it. Each caller has a deadline and a signal of its own and gets an
 * object of its own; a caller that leaves leaves the others alone, and the last one to leave ends the request. A query of
 * which nothing came is sent again, once for all of them.
 *
 * It is undici's handler itself: no stream, no controller and no promise but the one that the caller holds.
 */
export class Flight implements Dispatcher.DispatchHandler {
  readonly startedAtMs = performance.now();
  /** Later than it started when it was sent again. */
  sentAtMs = this.startedAtMs;
  readonly subgraph: SubgraphAddress;
  readonly operationType: SubgraphRequest['operationType'];
  /** Under which others may join; `undefined` when nobody may. */
  readonly key: FlightKey | undefined;
  readonly #options: FlightOptions;
  readonly #callers = new Set<FlightCaller>();
  #pool: Dispatcher | undefined;
  #request: Dispatcher.DispatchOptions | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #isOver = false;
  #hasTimedOut = false;
  #retries = 0;
  #pause: NodeJS.Timeout | undefined;
  /** Why it is sent again. */
  #failure: Error | undefined;
  #status = 0;
  #encoding = 'identity';
  #cacheControl: string | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Why what comes is not an answer. */
  #problem: string | undefined;
  /** Whether the answer has come to its end, good or not. */
  #isWhole = false;

  constructor(
    subgraph: SubgraphAddress,
    operationType: SubgraphRequest['operationType'],
    key: FlightKey | undefined,
    options: FlightOptions,
  ) {
    this.subgraph = subgraph;
    this.operationType = operationType;
    this.key = key;
    this.#options = options;
  }

  /** Waits for the answer until the signal fires or the time is up. */
  join(signal: CancelSignal): Promise<SubgraphAnswer> {
    return new Promise((resolve, reject) => {
      this.#callers.add(new FlightCaller(this, signal, this.#options.timeoutMs, resolve, reject));
    });
  }

  /** Sends it. Whoever waits for it has joined before: it may fail at once. */
  send(pool: Dispatcher, request: Dispatcher.DispatchOptions): void {
    this.#pool = pool;
    this.#request = request;
    pool.dispatch(request, this);
  }

  /** Ends the wait of one caller; without a reason, its time is up. */
  leave(caller: FlightCaller, reason: Error | undefined): void {
    if (!this.#callers.delete(caller)) return;
    caller.rest();
    if (reason === undefined) this.#hasTimedOut = true;
    // Where a second attempt takes too long, why the first one failed says more.
    const error = reason ?? this.#failure ?? new SubgraphTimeout(this.subgraph.name, this.#options.timeoutMs);
    if (this.#callers.size === 0) this.#end(this.#hasTimedOut ? 'timed out' : 'undecided', error);
    caller.reject(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Everybody left while it waited for a connection: thrown, it costs the request; aborted, also the connection.
    if (this.#isOver) throw new Error('Nobody waits for this request any more');
    this.#controller = controller;
  }

  onResponseStart(_: unknown, status: number, headers: ResponseHeaders): void {
    // 103 and its like announce an answer.
    if (status < 200) return;
    this.#status = status;
    this.#encoding = String(headers['content-encoding'] ?? 'identity').toLowerCase();
    if (headers['cache-control'] !== undefined) this.#cacheControl = String(headers['cache-control']);
    this.#problem = this.#findProblem(headers['content-type'] ?? '');
    if (Number(headers['content-length']) > this.#options.maxBytes) this.#refuse(this.#tooLarge());
  }

  #findProblem(contentType: unknown): string | undefined {
    if (typeof contentType !== 'string' || !isJsonType(contentType)) {
      const got = String(contentType) || 'no content type';
      return `answered with status ${this.#status} and ${got}, where JSON was expected`;
    }
    if (!isKnownEncoding(this.#encoding)) return `answered in the unknown encoding ${this.#encoding}`;
    return undefined;
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#problem !== undefined) {
      if (this.#bytes > maxRefuseBytes) this.#refuse(this.#problem);
    } else if (this.#bytes > this.#options.maxBytes) this.#refuse(this.#tooLarge());
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#isWhole = true;
    if (this.#problem !== undefined) {
      this.#refuse(this.#problem);
      return;
    }
    const [first, ...more] = this.#chunks;
    const bytes = more.length === 0 ? (first ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks, this.#bytes);
    if (this.#encoding === 'identity') this.#read(bytes);
    else void this.#decompress(bytes);
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.#isOver) return;
    const problem = this.#controller ? 'broke off, or did not answer in HTTP' : 'could not be reached';
    const failure = new SubgraphUnavailable(this.subgraph.name, problem).with({ cause: error });
    if (!isOutage(error)) this.#fail(failure, 'undecided');
    else if (this.#status === 0) this.#retryOrFail(failure);
    else this.#fail(failure, 'failed');
  }

  async #decompress(bytes: Buffer): Promise<void> {
    try {
      this.#read(await decompress(bytes, this.#encoding, this.#options.maxBytes));
    } catch (error: unknown) {
      this.#refuse(isTooLarge(error) ? this.#tooLarge() : `answered with broken ${this.#encoding}`);
    }
  }

  #read(bytes: Buffer): void {
    if (this.#isOver) return;
    const text = decodeText(bytes);
    if (text === undefined) this.#refuse('answered with bytes that are not UTF-8');
    else this.#land(text);
  }

  #land(text: string): void {
    let first: SubgraphAnswer | undefined;
    try {
      first = this.#parse(text);
    } catch (error: unknown) {
      this.#reject(toError(error));
      return;
    }
    const next = () => {
      // The engine writes into what it gets, so nobody may have what another one has.
      const answer = first ?? this.#parse(text);
      first = undefined;
      return answer;
    };
    handOut(this.#end('answered'), next);
  }

  #parse(text: string): SubgraphAnswer {
    const answer = parseAnswer(this.subgraph.name, this.#status, text);
    return this.#cacheControl === undefined
      ? answer
      : Object.assign(answer, { cacheControl: this.#cacheControl });
  }

  #tooLarge(): string {
    return `answered with more than ${this.#options.maxBytes} bytes`;
  }

  #refuse(problem: string): void {
    this.#reject(new SubgraphUnavailable(this.subgraph.name, problem));
  }

  /** What came is no answer, though it may be one of a proxy that has nobody behind it. */
  #reject(error: Error): void {
    if (!isOutageStatus(this.#status)) this.#fail(error, 'answered');
    else if (this.#isWhole) this.#retryOrFail(error);
    else this.#fail(error, 'failed');
  }

  /** Sends it again in a moment, if it changes nothing and there is time; undici is done with what was sent before. */
  #retryOrFail(failure: Error): void {
    const { retries, timeoutMs } = this.#options;
    const pauseMs = minPauseMs + Math.random() * pauseSpreadMs;
    const hasTime = performance.now() - this.startedAtMs + pauseMs < timeoutMs;
    if (this.operationType !== 'query' || this.#retries >= retries || !hasTime) {
      this.#fail(failure, 'failed');
      return;
    }
    this.#retries += 1;
    this.#failure = failure;
    this.#pause = setTimeout(Flight.#sendAgain, pauseMs, this, failure);
  }

  static #sendAgain(this: void, flight: Flight, failure: Error): void {
    flight.#pause = undefined;
    if (!flight.#options.onRetry(flight)) {
      flight.#fail(failure, 'failed');
      return;
    }
    flight.#forgetAnswer();
    flight.sentAtMs = performance.now();
    if (flight.#request) flight.#pool?.dispatch(flight.#request, flight);
  }

  #forgetAnswer(): void {
    this.#controller = undefined;
    this.#status = 0;
    this.#encoding = 'identity';
    this.#cacheControl = undefined;
    this.#chunks = [];
    this.#bytes = 0;
    this.#problem = undefined;
    this.#isWhole = false;
  }

  #fail(error: Error, outcome: Outcome): void {
    for (const caller of this.#end(outcome, error)) caller.reject(error);
  }

  /** Ends the request, at once if its answer is not whole; gives those who still wait. */
  #end(outcome: Outcome, abortReason?: Error): readonly FlightCaller[] {
    if (this.#isOver) return [];
    this.#isOver = true;
    this.#chunks = [];
    if (this.#pause) clearTimeout(this.#pause);
    this.#options.onEnd(this, outcome);
    const callers = [...this.#callers];
    this.#callers.clear();
    for (const caller of callers) caller.rest();
    // Nothing happens when it has ended already.
    if (abortReason) this.#controller?.abort(abortReason);
    return callers;
  }
}

/** Each goes on at once with what it got: a thousand in a row would leave no time for anybody else. */
function handOut(callers: readonly FlightCaller[], next: () => SubgraphAnswer): void {
  for (const caller of callers.slice(0, atOnce)) caller.resolve(next());
  if (callers.length > atOnce) setImmediate(handOut, callers.slice(atOnce), next);
}
