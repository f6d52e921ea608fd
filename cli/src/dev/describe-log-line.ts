/** Levels of structured log lines that a developer should see at once; the others stand in the log file. */
const shownLevels = ['warn', 'error', 'fatal'];

/**
 * What to show of a line that a child wrote: nothing of a structured log line below `warn`, its message from `warn`
 * on, and any other line as it is.
 *
 * @example
 * describeLogLine('{"level":"warn","msg":"slow"}') // "warn: slow"
 * describeLogLine('{"level":"warn","msg":"operation failed","code":"CONFLICT","path":["a"],"reason":"taken"}')
 * // "warn: operation failed: taken (CONFLICT at a)"
 * describeLogLine('{"level":"info","msg":"asked"}') // undefined
 */
export function describeLogLine(line: string): string | undefined {
  if (line.trim() === '') return undefined;
  const record = parseRecord(line);
  if (!record) return line;
  const { level, msg } = record;
  if (!shownLevels.includes(String(level))) return undefined;
  const reason = reasonOf(record);
  const isRepeated = reason === undefined || String(msg).includes(reason);
  const text = isRepeated ? String(msg) : `${String(msg)}: ${reason}`;
  return onOneLine(`${String(level)}: ${text}${describePlace(record)}`);
}

/** Errors stand in `err` with their stack, or their message alone in `reason` when they are the caller's doing. */
function reasonOf({ err, reason }: Record<string, unknown>): string | undefined {
  const message = isRecord(err) ? err['message'] : reason;
  return typeof message === 'string' ? message : undefined;
}

/** The code of an error of GraphQL and the field that it is about. */
function describePlace({ code, path }: Record<string, unknown>): string {
  const field = Array.isArray(path) ? path.join('.') : undefined;
  const parts = [code, field && `at ${field}`].filter((part) => typeof part === 'string' && part !== '');
  return parts.length === 0 ? '' : ` (${parts.join(' ')})`;
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) && 'level' in value ? value : undefined;
  } catch {
    return undefined; // it only looked like JSON
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const onOneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ');
