/** Levels of structured log lines that a developer should see at once; the others stand in the log file. */
const shownLevels = ['warn', 'error', 'fatal'];

/**
 * What to show of a line that a child wrote: nothing of a structured log line below `warn`, its message from `warn`
 * on, and any other line as it is.
 *
 * @example
 * describeLogLine('{"level":"warn","msg":"slow"}') // "warn: slow"
 * describeLogLine('{"level":"info","msg":"asked"}') // undefined
 */
export function describeLogLine(line: string): string | undefined {
  if (line.trim() === '') return undefined;
  const record = parseRecord(line);
  if (!record) return line;
  const { level, msg, err } = record;
  if (!shownLevels.includes(String(level))) return undefined;
  const reason = isRecord(err) && typeof err['message'] === 'string' ? err['message'] : undefined;
  const isRepeated = reason === undefined || String(msg).includes(reason);
  return `${String(level)}: ${onOneLine(isRepeated ? String(msg) : `${String(msg)}: ${reason}`)}`;
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
