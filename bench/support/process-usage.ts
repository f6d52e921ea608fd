import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a process and all that it started have used so far. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

/** Reads the use of a process, of its threads and of its children. @throws {Error} when it is gone */
export function readProcessUsage(pid: number): ProcessUsage {
  const tree = treeOf(pid, readAllStats());
  if (tree.length === 0) throw new Error(`Expected process ${pid} to be there, but it has ended`);
  return { cpuSeconds: sum(tree, 'cpuSeconds'), rssMb: sum(tree, 'rssMb') };
}

const sum = (stats: readonly ProcessStat[], key: 'cpuSeconds' | 'rssMb'): number =>
  stats.reduce((total, stat) => total + stat[key], 0);

function treeOf(root: number, stats: readonly ProcessStat[]): readonly ProcessStat[] {
  const own = stats.filter(({ pid }) => pid === root);
  const children = stats.filter(({ parent }) => parent === root);
  return [...own, ...children.flatMap(({ pid }) => treeOf(pid, stats))];
}

function readAllStats(): readonly ProcessStat[] {
  return process.platform === 'linux' ? readProc() : readPs();
}

function readProc(): readonly ProcessStat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return [parseStat(Number(pid), readFileSync(`/proc/${pid}/stat`, 'utf8'))];
    } catch {
      return []; // ended in between
    }
  });
}

/** proc_pid_stat(5): the name stands in brackets and may hold anything, so what follows it is counted from its end. */
export function parseStat(pid: number, stat: string): ProcessStat {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  const ticks = field(14) + field(15) + field(16) + field(17);
  return {
    pid,
    parent: field(4),
    cpuSeconds: ticks / units().ticksPerSecond,
    rssMb: (field(24) * units().pageBytes) / 2 ** 20,
  };
}

let known: { readonly ticksPerSecond: number; readonly pageBytes: number } | undefined;
const units = () =>
  (known ??= { ticksPerSecond: getconf('CLK_TCK', 100), pageBytes: getconf('PAGESIZE', 4096) });

const getconf = (name: string, usual: number): number =>
  Number(spawnSync('getconf', [name], { encoding: 'utf8' }).stdout) || usual;

/** Elsewhere, `ps` counts in hundredths of seconds, which is as fine. */
function readPs(): readonly ProcessStat[] {
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid=,time=,rss='], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = '', parent = '', time = '', rss = ''] = line.trim().split(/\s+/);
      const cpuSeconds = time.split(':').reduce((total, part) => total * 60 + Number(part), 0);
      return { pid: Number(pid), parent: Number(parent), cpuSeconds, rssMb: Number(rss) / 1024 };
    });
}
