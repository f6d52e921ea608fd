import { styleText } from 'node:util';

import { describeLogLine } from './describe-log-line.ts';

/** What the user reads while things start, run and stop. */
export interface Reporter {
  /** A line about what happens, on stderr. */
  readonly say: (line: string) => void;
  /** A text that was asked for, on stdout. */
  readonly print: (text: string) => void;
  /** A line that a child wrote; left out when it is an everyday one. */
  readonly relay: (name: string, line: string) => void;
  /** Says what is waited for once that has taken a second. */
  readonly during: <T>(what: string, work: Promise<T>) => Promise<T>;
}

/** What takes longer than this gets a line; everything else would only make noise. */
const silentMs = 1000;

export function createReporter(): Reporter {
  // A terminal that was closed must not end us before everything is stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  return {
    say,
    print: (text) => void process.stdout.write(`${text}\n`),
    relay: (name, line) => {
      const text = describeLogLine(line);
      if (text !== undefined) say(`${styleText('cyan', `[${name}]`, { stream: process.stderr })} ${text}`);
    },
    during: async (what, work) => {
      const timer = setTimeout(() => say(`${what} …`), silentMs);
      try {
        return await work;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
