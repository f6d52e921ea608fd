import { describe, expect, it } from 'vitest';

import { judge } from './judge.ts';

const run = (rssMbAt: (requests: number) => number, heapMbAt: (requests: number) => number = () => 80) =>
  Array.from({ length: 20 }, (_, index) => {
    const requests = (index + 1) * 10_000;
    return {
      requests,
      swaps: index,
      heapMb: heapMbAt(requests),
      externalMb: 5,
      rssMb: rssMbAt(requests),
      peakRssMb: 300,
      threads: 14,
    };
  });

describe('a run is judged by its second half:', () => {
  it('what fills in the first half is no leak', () => {
    const filling = run((requests) => 200 + Math.min(requests, 80_000) / 1000);
    expect(judge(filling, 5000)).toMatchObject({
      requests: 200_000,
      operations: 5000,
      rssMbPer100k: 0,
      peakRssMb: 300,
      isFlat: true,
    });
  });

  it('what comes and goes is no leak', () => {
    const verdict = judge(
      run((requests) => 250 + (requests % 20_000 === 0 ? 15 : 0)),
      5000,
    );
    expect(verdict.isFlat).toBe(true);
  });

  it('a rise is one, of RSS or of the heap alone', () => {
    expect(
      judge(
        run((requests) => 200 + requests / 2500),
        5000,
      ),
    ).toMatchObject({
      rssMbPer100k: 40,
      isFlat: false,
    });
    const heap = judge(
      run(
        () => 300,
        (requests) => 80 + requests / 10_000,
      ),
      5000,
    );
    expect(heap).toMatchObject({ heapMbPer100k: 10, isFlat: false });
  });

  it('nothing measured is no verdict', () => {
    expect(() => judge([], 5000)).toThrow('Expected samples of a run, but got none');
  });
});
