import { toError } from '@tributary/errors';
import type { Dispatcher } from 'undici';

import type { CancelSignal } from '../cancellation.ts';
import { SubgraphTimeout, SubgraphUnavailable } from '../errors/gateway-errors.ts';
import { decodeText } from '../http/decode-text.ts';
import { FlightCaller } from './flight-caller.ts';
import { parseAnswer } from './parse-answer.ts';
import { decompress, isJsonType, isKnownEncoding, isTooLarge } from './response-body.ts';
import type { FlightKey } from './shared-flights.ts';
import type { SubgraphAnswer, SubgraphRequest } from './subgraph-request.ts';

/** The same for all flights of a client. */
export interface FlightOptions {
  /** How long each caller waits. */
  readonly timeoutMs: number;
  /** The most that an answer may have, compressed or not. */
  readonly maxBytes: number;
  /** Called when nothing more will come of it, before any caller is told. */
  readonly onEnd: (flight: Flight) => void;
}

/** A header that comes twice is a list. */
type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

// What is no answer is read to its end, so that the connection can be kept, but not for long.
const maxRefuseBytes = 65_536;

// Callers of one flight that get its answer without a pause.
const atOnce = 16;

/**
 * One request in the air, and those who wait for it. Each caller has a deadline and a signal of its own and gets an
 * object of its own; a caller that leaves leaves the others alone, and the last one to leave ends the request.
 *
 * It is undici's handler itself: no stream, no controller and no promise but the one that the caller holds.
 */
export class Flight implements Dispatcher.DispatchHandler {
  readonly startedAtMs = performance.now();
  readonly subgraph: string;
  readonly operationType: SubgraphRequest['operationType'];
  /** Under which others may join; `undefined` when nobody may. */
  readonly key: FlightKey | undefined;
  readonly #options: FlightOptions;
  readonly #callers = new Set<FlightCaller>();
  #controller: Dispatcher.DispatchController | undefined;
  #isOver = false;
  #status = 0;
  #encoding = 'identity';
  #cacheControl: string | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Why what comes is not an answer. */
  #problem: string | undefined;

  constructor(
    subgraph: string,
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

  /** Ends the wait of one caller. */
  leave(caller: FlightCaller, reason: Error | undefined): void {
    if (!this.#callers.delete(caller)) return;
    caller.rest();
    const error = reason ?? new SubgraphTimeout(this.subgraph, this.#options.timeoutMs);
    if (this.#callers.size === 0) this.#end(error);
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
    const problem = this.#controller ? 'broke off, or did not answer in HTTP' : 'could not be reached';
    this.#fail(new SubgraphUnavailable(this.subgraph, problem).with({ cause: error }));
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
      this.#fail(toError(error));
      return;
    }
    const next = () => {
      // The engine writes into what it gets, so nobody may have what another one has.
      const answer = first ?? this.#parse(text);
      first = undefined;
      return answer;
    };
    handOut(this.#end(), next);
  }

  #parse(text: string): SubgraphAnswer {
    const answer = parseAnswer(this.subgraph, this.#status, text);
    return this.#cacheControl === undefined
      ? answer
      : Object.assign(answer, { cacheControl: this.#cacheControl });
  }

  #tooLarge(): string {
    return `answered with more than ${this.#options.maxBytes} bytes`;
  }

  #refuse(problem: string): void {
    this.#fail(new SubgraphUnavailable(this.subgraph, problem));
  }

  #fail(error: Error): void {
    for (const caller of this.#end(error)) caller.reject(error);
  }

  /** Ends the request, at once if its answer is not whole; gives those who still wait. */
  #end(abortReason?: Error): readonly FlightCaller[] {
    if (this.#isOver) return [];
    this.#isOver = true;
    this.#chunks = [];
    this.#options.onEnd(this);
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
