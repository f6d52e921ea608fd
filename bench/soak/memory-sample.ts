/** Asks the gateway's process for a {@link MemorySample}. */
export interface MemoryRequest {
  readonly type: 'measure';
}

/** What a process takes once everything that nobody needs is gone. */
export interface MemorySample {
  readonly type: 'memory';
  /** Objects of the main thread. */
  readonly heapMb: number;
  /** What they hold outside of the heap. */
  readonly externalMb: number;
  /** Everything, the planning threads with their own heaps included. */
  readonly rssMb: number;
  /** The most that it ever was: of two supergraphs side by side, with requests on both. */
  readonly peakRssMb: number;
  /** Threads of the operating system; 0 where it does not say. */
  readonly threads: number;
}
