// The gateway as it ships, in a process that also says what it takes of memory. Flags: --expose-gc.
import '../../../gateway/src/main.ts';
import type { MemorySample, MemoryRequest } from '../memory-sample.ts';
import { readFileSync } from 'node:fs';

// One collection frees what the next one can: finalizers and weak references take several.
const collections = 4;

process.on('message', ({ type }: MemoryRequest) => {
  if (type !== 'measure') return;
  for (let index = 0; index < collections; index += 1) globalThis.gc?.();
  process.send?.(sample());
});

function sample(): MemorySample {
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    type: 'memory',
    heapMb: inMb(heapUsed),
    externalMb: inMb(external),
    rssMb: inMb(rss),
    peakRssMb: inMb(process.resourceUsage().maxRSS * 1024),
    threads: countThreads(),
  };
}

const inMb = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10;

/** Planning threads that stay behind after a swap show up here. */
function countThreads(): number {
  if (process.platform !== 'linux') return 0;
  return Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
