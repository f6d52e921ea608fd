import type { DestinationStream } from 'pino';

/** What takes the lines in the end: it may keep them for a while, too. */
export interface Destination extends DestinationStream {
  /** Writes what it keeps, as soon as it can. */
  flush(): void;
  /** Writes what it keeps, and returns when it is written. */
  flushSync(): void;
}

const charactersTogether = 16_000;
const longestWaitMs = 50;

/**
 * Hands lines on many at a time, at the latest after a twentieth of a second and when the process ends. pino's
 * destination gathers lines as well, but measures all that it holds with every line: that took longer than everything
 * else about a line.
 */
export function gatherLines(destination: Destination): Destination {
  let text = '';
  let timer: NodeJS.Timeout | undefined;
  const handOn = () => {
    clearTimeout(timer);
    timer = undefined;
    if (text === '') return;
    const lines = text;
    text = '';
    destination.write(lines);
  };
  const flush = () => {
    handOn();
    destination.flush();
  };
  // First of all: the destination's own listener writes what it has been given by then.
  process.prependListener('beforeExit', handOn);
  process.prependListener('exit', handOn);
  return {
    write: (line) => {
      text += line;
      if (text.length >= charactersTogether) handOn();
      else timer ??= setTimeout(flush, longestWaitMs).unref();
    },
    flush,
    flushSync: () => {
      handOn();
      destination.flushSync();
    },
  };
}
