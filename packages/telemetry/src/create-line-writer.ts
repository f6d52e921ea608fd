import { symbols } from 'pino';

import type { Logger } from './create-logger.ts';
import { currentRequest } from './request-scope.ts';

/** Writes a line at level info, if that is on. */
export type LineWriter = (members: string) => void;

/** The parts of pino's loggers that its `symbols` are there for. */
interface Inside {
  readonly [symbols.streamSym]: { write(line: string): void };
  readonly [symbols.chindingsSym]: string;
}

/**
 * Writes lines whose fields are JSON already, such as one per request, to where a logger writes its own and in the same
 * form: what pino does for every line (copying, looking for secrets, naming the level) costs several times what it takes
 * to put such a line together. Nothing looks for secrets in it, so nothing that a client chose the name of belongs there.
 *
 * @example createLineWriter(logger, 'request')('"status":200')
 * // {"level":"info","time":"…","name":"gateway","requestId":"…","status":200,"msg":"request"}
 */
export function createLineWriter(logger: Logger, message: string): LineWriter {
  const inside = logger as unknown as Inside;
  const ending = `,"msg":${JSON.stringify(message)}}\n`;
  return (members) => {
    if (!logger.isLevelEnabled('info')) return;
    const requestId = currentRequest()?.requestId;
    const request = requestId === undefined ? '' : `,"requestId":${JSON.stringify(requestId)}`;
    const bindings = inside[symbols.chindingsSym];
    inside[symbols.streamSym].write(
      `{"level":"info","time":"${isoTime()}"${bindings}${request},${members}${ending}`,
    );
  };
}

let [lastMs, lastText] = [0, ''];

/** Many lines are written in one millisecond, and the text takes longer than to look. */
function isoTime(): string {
  const now = Date.now();
  if (now !== lastMs) [lastMs, lastText] = [now, new Date(now).toISOString()];
  return lastText;
}
