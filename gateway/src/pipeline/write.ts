import type { OutgoingHttpHeaders } from 'node:http';

import type { ErrorCode } from '@tributary/errors';

import type { FormattedError } from '../errors/format-error.ts';
import { httpHintOf, statusOfRefusal } from '../http/http-status.ts';
import { multipartOpening, multipartType, partText } from '../http/multipart.ts';
import { send } from '../http/send.ts';
import { RequestErrors } from '../operations/coerce-variables.ts';
import { ErrorReport, type ErrorReportOptions } from './error-report.ts';
import { createPayloads } from './incremental-payloads.ts';
import type { Exchange, Outcome, Stage, Written } from './stages.ts';
import { writeInParts } from './write-in-parts.ts';

export type WriteOptions = ErrorReportOptions;

// What nginx calls it; never sent.
const clientClosedRequest = 499;

/** Makes an HTTP answer of whatever happened. */
export const write =
  (options: WriteOptions): Stage<Outcome, Written> =>
  async (outcome) => {
    const { exchange, reached } = outcome;
    const report = new ErrorReport(exchange.requestId, options);
    // The client left: nobody reads an answer, and what that broke is nobody's mistake.
    if (exchange.response.destroyed) {
      await reached.answer?.later?.return?.();
      return { status: clientClosedRequest, bytes: 0, codes: [] };
    }
    const formatted = report.report(errorsOf(outcome));
    const isWhole = outcome.error !== undefined || !reached.answer?.later;
    const sent = isWhole ? sendWhole(outcome, formatted) : sendParts(outcome, formatted, report);
    const { status, bytes } = sent instanceof Promise ? await sent : sent;
    report.log();
    return { status, bytes, codes: report.codes };
  };

type Sent = Pick<Written, 'status' | 'bytes'>;

function sendWhole(outcome: Outcome, formatted: readonly FormattedError[]): Sent | Promise<Sent> {
  const { exchange } = outcome;
  const status = statusOf(outcome, formatted[0]?.code ?? 'INTERNAL_SERVER_ERROR');
  const members = [...membersOf(outcome, formatted), ...debugOf(exchange)];
  const bytes = send(exchange.request, exchange.response, {
    status,
    headers: { ...headersFor(exchange), ...httpHintOf(outcome.error).headers },
    // A client that takes nothing but parts gets one.
    body: takesOnlyParts(exchange)
      ? `${multipartOpening}${partText(`{${[...members, '"hasNext":false'].join(',')}}`, true)}`
      : `{${members.join(',')}}`,
  });
  return typeof bytes === 'number' ? { status, bytes } : bytes.then((sent) => ({ status, bytes: sent }));
}

async function sendParts(
  outcome: Outcome,
  formatted: readonly FormattedError[],
  report: ErrorReport,
): Promise<Sent> {
  const { exchange, reached } = outcome;
  const { response, signal, debug, incrementalSpec = 'deferSpec=20220824' } = exchange;
  const { deferred = [], later } = reached.answer ?? {};
  if (!later) return { status: 200, bytes: 0 };
  const extensions = () => debug && { debug };
  const headers = {
    ...headersFor(exchange),
    ...partsHeaders,
    'content-type': multipartType(incrementalSpec),
  };
  const first = membersOf(outcome, formatted);
  const payloads = createPayloads(incrementalSpec, { deferred, extensions });
  const bytes = await writeInParts({ later, first, payloads, report }, { response, headers, signal });
  return { status: payloads.hasNext ? clientClosedRequest : 200, bytes };
}

/** The engine's data is text already; what stands beside it is small. */
function membersOf({ reached, error }: Outcome, formatted: readonly FormattedError[]): readonly string[] {
  const members: string[] = [];
  // Errors first: they are what a developer looks for (https://spec.graphql.org/draft/#sec-Response-Format).
  if (formatted.length > 0)
    members.push(`"errors":${JSON.stringify(formatted.map((each) => each.formatted))}`);
  if (error === undefined) members.push(`"data":${reached.answer?.data ?? 'null'}`);
  return members;
}

const debugOf = ({ debug }: Exchange): readonly string[] =>
  debug ? [`"extensions":${JSON.stringify({ debug })}`] : [];

function errorsOf({ reached, error }: Outcome): readonly unknown[] {
  if (error === undefined) return reached.answer?.errors ?? [];
  return error instanceof RequestErrors ? error.errors : [error];
}

function statusOf({ exchange, error }: Outcome, code: ErrorCode): number {
  // Executed is 200, however much of it failed: the errors stand beside the data.
  if (error === undefined) return 200;
  return statusOfRefusal(code, error, exchange.mediaType ?? 'application/json');
}

const takesOnlyParts = ({ mediaType, incrementalSpec }: Exchange): boolean =>
  mediaType === undefined && incrementalSpec !== undefined;

const headersFor = ({ mediaType, incrementalSpec }: Exchange): OutgoingHttpHeaders => ({
  'content-type':
    mediaType === undefined && incrementalSpec
      ? multipartType(incrementalSpec)
      : `${mediaType ?? 'application/json'}; charset=utf-8`,
  // Nothing says yet for how long an answer holds, or for whom.
  'cache-control': 'no-store',
  // What a client sent may stand in it: a browser must not take it for a page.
  'x-content-type-options': 'nosniff',
});

// A proxy that collects an answer before it hands it on would undo all of it; nginx and others listen to this.
const partsHeaders: OutgoingHttpHeaders = { 'x-accel-buffering': 'no' };
