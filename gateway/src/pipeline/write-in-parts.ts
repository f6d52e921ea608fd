import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

import type { DeferredAnswer, EngineAnswer } from '../engine/engine.ts';
import { multipartOpening, partText } from '../http/multipart.ts';
import type { ErrorReport } from './error-report.ts';
import type { FormattedPart, IncrementalPayloads } from './incremental-payloads.ts';
import type { CancelSignal } from '../cancellation.ts';
import { untilAborted } from '../until-aborted.ts';

export interface PartsToWrite {
  readonly later: NonNullable<EngineAnswer['later']>;
  /** The members of the first payload, each as `"name":value`. */
  readonly first: readonly string[];
  readonly payloads: IncrementalPayloads;
  readonly report: ErrorReport;
}

export interface PartsDestination {
  readonly response: ServerResponse;
  readonly headers: OutgoingHttpHeaders;
  /** Ends the wait for what is still to come. */
  readonly signal: CancelSignal;
}

/**
 * Writes an answer in parts, each as soon as it is there and the client takes it. What ends the wait becomes the last part,
 * so that a client can tell it from a broken connection.
 *
 * @returns how many bytes were written
 */
export async function writeInParts(
  { later, first, payloads, report }: PartsToWrite,
  { response, headers, signal }: PartsDestination,
): Promise<number> {
  let bytes = 0;
  const write = (json: string, opening = '') => {
    const text = `${opening}${partText(json, !payloads.hasNext)}`;
    bytes += Buffer.byteLength(text);
    return writeText(response, text, signal);
  };
  response.appendHeader('vary', 'Accept');
  response.writeHead(200, headers);
  try {
    await write(payloads.first(first), multipartOpening);
    while (payloads.hasNext) {
      const { value, done } = await untilAborted(later.next(), signal);
      if (done) throw new Error('Expected every deferred part to be delivered, but some are missing');
      await write(payloads.later(value.map((answer) => toFormatted(answer, report))));
    }
  } catch (error: unknown) {
    // Nobody reads more, or all was written and is on its way.
    if (response.destroyed || !payloads.hasNext) return bytes;
    const errors = report.report([signal.aborted ? signal.reason : error]);
    response.write(partText(payloads.lost(errors.map(({ formatted }) => formatted)), true));
  } finally {
    // Not waited for: it may wait itself, for a fetch that has been ended by the signal.
    later.return?.().catch(() => undefined);
    response.end();
  }
  return bytes;
}

const toFormatted = (
  { part, data, errors, deferred }: DeferredAnswer,
  report: ErrorReport,
): FormattedPart => ({
  part,
  data,
  errors: report.report(errors).map(({ formatted }) => formatted),
  deferred,
});

/** Resolves when the next text may be written. */
async function writeText(response: ServerResponse, text: string, signal: CancelSignal): Promise<void> {
  if (!response.write(text)) await untilAborted(once(response, 'drain'), signal);
}
