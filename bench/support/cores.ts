import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Which processors the two sides of a measurement run on; `undefined` where the system cannot pin. */
export interface Cores {
  /** Of the process that is measured, alone. */
  readonly measured: number | undefined;
  /** Of everything around it: subgraphs and the load generator. */
  readonly around: number | undefined;
  /** One line for the report. */
  readonly description: string;
}

/** Takes two processors where there are two and `taskset` to pin with. */
export function chooseCores(): Cores {
  const allowed = allowedCores();
  const [around] = allowed;
  // The first one handles most interrupts, so the measured process gets the last.
  const measured = allowed.at(-1);
  if (measured === undefined || measured === around) {
    return unpinned('not pinned: it takes Linux and two processors');
  }
  if (spawnSync('taskset', ['--version']).status !== 0) {
    return unpinned('not pinned: there is no taskset (Debian package util-linux)');
  }
  return { measured, around, description: `measured on core ${measured}, everything else on core ${around}` };
}

const unpinned = (description: string): Cores => ({ measured: undefined, around: undefined, description });

/** The command line that runs another one on one processor; it replaces itself, so that process ids stay. */
export const pinned = (core: number | undefined, command: readonly string[]): readonly string[] =>
  core === undefined ? command : ['taskset', '--cpu-list', String(core), ...command];

function allowedCores(): readonly number[] {
  if (process.platform !== 'linux') return [];
  const status = readFileSync('/proc/self/status', 'utf8');
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap(coresOfRange);
}

/** @example coresOfRange('2-4') // [2, 3, 4] */
function coresOfRange(range: string): readonly number[] {
  const [first = 0, last = first] = range.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
