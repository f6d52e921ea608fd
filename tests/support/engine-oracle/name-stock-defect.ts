import type { GeneratedSupergraph } from '@tributary/testkit';

import { stockDefects } from '../stock-defects.ts';
import type { Judgement, Question } from './judge.ts';

/** Says which defect of the stock engine is the likely reason that it answers differently. */
export function nameStockDefect(
  { differences, fetches, actual }: Judgement,
  { operation }: Question,
  { schema }: GeneratedSupergraph,
): string {
  const messages = fetches.flatMap(({ answer }) => (answer?.errors ?? []).map(({ message }) => message));
  if (messages.some((message) => message.includes('handed over'))) return 'labels of @override are ignored';
  if (messages.some((message) => /which is external$| without "/.test(message))) {
    return 'a subgraph is asked for what it requires itself';
  }
  if (typeof actual.data === 'string') return 'the operation is refused';
  const asked = { ...operation, schema };
  const known = stockDefects.find(({ explains }) =>
    differences.every((difference) => explains(difference, asked)),
  );
  if (known) return known.name;
  const partly = stockDefects.find(({ explains }) =>
    differences.some((difference) => explains(difference, asked)),
  );
  if (partly) return `${partly.name}, and more`;
  const isAboutErrors = differences.every(({ kind }) => kind === 'errors');
  return isAboutErrors ? 'errors at other places, or none' : 'other data';
}
