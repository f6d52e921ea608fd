import { unusable, served, secret, goodProfile, type HostileAnswer } from './hostile-answer.ts';
import { json } from './raw-answers.ts';

/** JSON, but no GraphQL answer. */
export const shapes: readonly HostileAnswer[] = [
  ...[[], [1], 'text', 7, true, null, {}, { data: null }, { data: null, errors: [] }, { errors: [] }].map(
    (value) => unusable(JSON.stringify(value), json(value)),
  ),
  ...[[], [1], 'text', 7, false].map((data) => unusable(`data: ${JSON.stringify(data)}`, json({ data }))),
  ...[{}, 'no', 1, ['no'], [null], [[]], [{}], [{ message: 5 }]].map((errors) =>
    unusable(`errors: ${JSON.stringify(errors)}`, json({ data: { profile: goodProfile }, errors })),
  ),
  served('extensions that are a text', json({ data: { profile: goodProfile }, extensions: secret })),
  served('extensions that are null', json({ data: { profile: goodProfile }, extensions: null })),
];
