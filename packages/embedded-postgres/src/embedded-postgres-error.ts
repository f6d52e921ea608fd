/** What can be wrong with the machine or the folder, as opposed to with our code. */
export type EmbeddedPostgresProblem =
  | 'PLATFORM_UNSUPPORTED'
  | 'PORT_IN_USE'
  | 'FOLDER_IN_USE'
  | 'FOLDER_NOT_WRITABLE'
  | 'FOLDER_NOT_TRAVERSABLE'
  | 'OTHER_VERSION'
  | 'DISK_FULL'
  | 'START_FAILED';

/** A start of PostgreSQL that failed; `message` is one line that says what to do about it. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly problem: EmbeddedPostgresProblem;

  constructor(problem: EmbeddedPostgresProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

/** Finds the reason in what initdb or postgres wrote before it gave up. */
export function explainOutput(
  output: string,
  { folder, port }: { folder: string; port?: number },
): EmbeddedPostgresError {
  const line = lastComplaint(output);
  if (/no space left on device|disk quota exceeded/i.test(output)) {
    return new EmbeddedPostgresError(
      'DISK_FULL',
      `The disk of ${folder} is full: free some space, then start again`,
    );
  }
  if (/address already in use/i.test(output)) return portInUse(port ?? 0);
  if (/permission denied|read-only file system/i.test(output)) return notWritable(folder, line);
  return new EmbeddedPostgresError('START_FAILED', `PostgreSQL did not start in ${folder}: ${line}`);
}

/** Somebody listens on the port that was asked for. */
export const portInUse = (port: number): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    'PORT_IN_USE',
    `Port ${port} for PostgreSQL is in use: stop what listens there or choose another port`,
  );

/** The folder cannot be made or written to; `reason` is the system's code or message. */
export const notWritable = (folder: string, reason: string): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    'FOLDER_NOT_WRITABLE',
    `${folder} cannot hold PostgreSQL's data (${reason}): make it writable or choose another folder`,
  );

/** The last line that names an error; PostgreSQL adds hints and shutdown messages after it. */
function lastComplaint(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const complaint = lines.findLast((line) => /\b(FATAL|PANIC|ERROR|error):/.test(line)) ?? lines.at(-1);
  return complaint?.replace(/^.*?\b(FATAL|PANIC|ERROR|error):\s*/, '') ?? 'it said nothing';
}
