/** A point in the run. */
export interface SoakSample {
  /** How many requests the gateway had answered. */
  readonly requests: number;
  /** How many supergraphs it had taken up. */
  readonly swaps: number;
  readonly heapMb: number;
  readonly externalMb: number;
  readonly rssMb: number;
  readonly threads: number;
}

/** What a run came to. */
export interface SoakVerdict {
  readonly requests: number;
  readonly operations: number;
  readonly swaps: number;
  /** How memory grew over the second half of the run, by a line through its samples. */
  readonly rssMbPer100k: number;
  readonly heapMbPer100k: number;
  readonly peakRssMb: number;
  readonly lastRssMb: number;
  readonly lastHeapMb: number;
  readonly lastThreads: number;
  readonly isFlat: boolean;
}

// What a line through the second half may rise by in 100,000 requests and still be called flat. RSS moves with what the
// allocator keeps and with the planning threads of the moment; the heap after a collection hardly does.
const maxRssMbPer100k = 20;
const maxHeapMbPer100k = 4;

/** Judges the second half: in the first one the caches fill, which is what they are for. */
export function judge(samples: readonly SoakSample[], operations: number): SoakVerdict {
  const last = samples.at(-1);
  if (!last) throw new Error('Expected samples of a run, but got none');
  const settled = samples.filter(({ requests }) => requests >= last.requests / 2);
  const rssMbPer100k = risePer100k(settled, 'rssMb');
  const heapMbPer100k = risePer100k(settled, 'heapMb');
  return {
    requests: last.requests,
    operations,
    swaps: last.swaps,
    rssMbPer100k,
    heapMbPer100k,
    peakRssMb: Math.max(...samples.map(({ rssMb }) => rssMb)),
    lastRssMb: last.rssMb,
    lastHeapMb: last.heapMb,
    lastThreads: last.threads,
    isFlat: rssMbPer100k <= maxRssMbPer100k && heapMbPer100k <= maxHeapMbPer100k,
  };
}

/** The slope of the least-squares line, in MB for 100,000 requests. */
function risePer100k(samples: readonly SoakSample[], figure: 'rssMb' | 'heapMb'): number {
  const meanX = mean(samples.map(({ requests }) => requests));
  const meanY = mean(samples.map((sample) => sample[figure]));
  let [covariance, variance] = [0, 0];
  for (const sample of samples) {
    const dx = sample.requests - meanX;
    covariance += dx * (sample[figure] - meanY);
    variance += dx * dx;
  }
  if (variance === 0) return 0;
  return Math.round((covariance / variance) * 100_000 * 10) / 10;
}

const mean = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / Math.max(1, values.length);
