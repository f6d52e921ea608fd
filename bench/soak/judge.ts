/** A point in the run. */
export interface SoakSample {
  /** How many requests the gateway had answered. */
  readonly requests: number;
  /** How many supergraphs it had taken up. */
  readonly swaps: number;
  readonly heapMb: number;
  readonly externalMb: number;
  readonly rssMb: number;
  /** The most that it was until then, whatever was going on. */
  readonly peakRssMb: number;
  readonly threads: number;
}

/** What a run came to. */
export interface SoakVerdict {
  readonly requests: number;
  readonly operations: number;
  readonly swaps: number;
  /** How the floor of memory rose over the second half of the run. */
  readonly rssMbPer100k: number;
  readonly heapMbPer100k: number;
  readonly peakRssMb: number;
  readonly lastRssMb: number;
  readonly lastHeapMb: number;
  readonly lastThreads: number;
  readonly isFlat: boolean;
}

// What the floor may rise by in 100,000 requests and still be called flat. RSS moves with what the allocator keeps and with
// the planning threads of the moment; the heap after a collection hardly does.
const maxRssMbPer100k = 25;
const maxHeapMbPer100k = 5;

/**
 * Judges the second half: in the first one code is compiled and what outlives supergraphs fills. All samples are of the
 * same, a supergraph that nobody has asked for anything yet; what counts is the floor that memory comes back to, since what
 * the allocator and the collector keep comes and goes: a leak lifts it.
 */
export function judge(samples: readonly SoakSample[], operations: number): SoakVerdict {
  const last = samples.at(-1);
  if (!last) throw new Error('Expected samples of a run, but got none');
  const settled = samples.slice(Math.floor(samples.length / 2));
  const rssMbPer100k = risePer100k(settled, 'rssMb');
  const heapMbPer100k = risePer100k(settled, 'heapMb');
  return {
    requests: last.requests,
    operations,
    swaps: last.swaps,
    rssMbPer100k,
    heapMbPer100k,
    peakRssMb: last.peakRssMb,
    lastRssMb: last.rssMb,
    lastHeapMb: last.heapMb,
    lastThreads: last.threads,
    isFlat: rssMbPer100k <= maxRssMbPer100k && heapMbPer100k <= maxHeapMbPer100k,
  };
}

/** By how much the floor of the later samples is above that of the earlier ones, in MB for 100,000 requests. */
function risePer100k(samples: readonly SoakSample[], figure: 'rssMb' | 'heapMb'): number {
  const middle = Math.floor(samples.length / 2);
  const [earlier, later] = [samples.slice(0, middle), samples.slice(middle)];
  const between = meanOf(later, 'requests') - meanOf(earlier, 'requests');
  if (earlier.length === 0 || between <= 0) return 0;
  const floor = (part: readonly SoakSample[]) => Math.min(...part.map((sample) => sample[figure]));
  return Math.round(((floor(later) - floor(earlier)) / between) * 100_000 * 10) / 10;
}

const meanOf = (samples: readonly SoakSample[], figure: 'requests'): number =>
  samples.reduce((total, sample) => total + sample[figure], 0) / Math.max(1, samples.length);
