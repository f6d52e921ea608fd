/**
 * Measures several candidates in turn, A B C A B C, so that what disturbs the machine for a while disturbs all of them.
 *
 * @returns for each candidate what was measured, in the order of the rounds
 */
export async function alternate<Candidate, Figures>(
  candidates: readonly Candidate[],
  rounds: number,
  measure: (candidate: Candidate, round: number) => Promise<Figures>,
): Promise<ReadonlyMap<Candidate, readonly Figures[]>> {
  const measured = new Map<Candidate, Figures[]>(candidates.map((candidate) => [candidate, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const candidate of candidates) measured.get(candidate)?.push(await measure(candidate, round));
  }
  return measured;
}

/** @example medianOf([3, 1, 2]) // 2 @throws {RangeError} for an empty list */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('Expected at least one value');
  return (lower + upper) / 2;
}

/** More would be noise. */
const significantDigits = 4;

/** The median of each figure by itself, rounded to what can be told. */
export function mediansOf<Key extends string>(
  rounds: readonly Readonly<Record<Key, number>>[],
  keys: readonly Key[],
): Record<Key, number> {
  const entries = keys.map((key) => {
    const median = medianOf(rounds.map((figures) => figures[key]));
    return [key, Number(median.toPrecision(significantDigits))] as const;
  });
  return Object.fromEntries(entries) as Record<Key, number>;
}
