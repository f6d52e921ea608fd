import {
  destination as openDestination,
  pino,
  stdSerializers,
  stdTimeFunctions,
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  type Logger,
} from 'pino';

import { gatherLines } from './gather-lines.ts';
import { redact } from './redact.ts';
import { currentRequest } from './request-scope.ts';

export type { Logger } from 'pino';

export const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** A word for `LOG_LEVEL`. */
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  /** The process, as it stands in every line: `gateway`, `posts`. */
  readonly name: string;
  /** @default 'info' */
  readonly level?: LogLevel;
  /** Takes the lines, one `write` each. @default standard output */
  readonly destination?: DestinationStream;
}

/**
 * A logger that writes one JSON object per line, with the id of the request that the line belongs to and without
 * secrets, at whatever depth somebody logs them.
 *
 * @example
 * createLogger({ name: 'posts' }).info({ headers: { authorization: 'Bearer …' } }, 'asked')
 * // {"level":"info","time":"2026-01-02T03:04:05.678Z","name":"posts","requestId":"…","headers":{"authorization":"[redacted]"},"msg":"asked"}
 */
export function createLogger({ name, level = 'info', destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { name },
    timestamp: stdTimeFunctions.isoTime,
    mixin: requestIdOfLine,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: redact<Record<string, unknown>>,
    },
    // The serializer flattens an Error into a plain object, whose own fields may hold anything.
    serializers: { err: (error: Error) => redact({ ...stdSerializers.err(error) }) },
  };
  return redactBindings(pino(options, destination ?? standardOutput()));
}

let output: DestinationStream | undefined;

/**
 * Lines leave together, some times in a second, and at once when the process ends: a write costs more than a line. One
 * for all loggers of the process, so that their lines stay in order.
 */
const standardOutput = (): DestinationStream =>
  (output ??= gatherLines(openDestination({ dest: 1, sync: false, minLength: 32_000, maxWrite: 65_536 })));

/** pino formats the bindings of its root logger only; children inherit this method, so `this` may be one of them. */
function redactBindings(logger: Logger): Logger {
  // oxlint-disable-next-line typescript/unbound-method -- applied below, to the logger that has the new child
  const makeChild = logger.child;
  function redactingChild(this: Logger, bindings: Bindings, options?: ChildLoggerOptions): Logger {
    return Reflect.apply(makeChild, this, [redact(bindings), options]);
  }
  return Object.assign(logger, { child: redactingChild });
}

const requestIdOfLine = (): object => {
  const requestId = currentRequest()?.requestId;
  return requestId === undefined ? {} : { requestId };
};
