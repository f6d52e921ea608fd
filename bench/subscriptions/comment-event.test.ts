import { expect, it } from 'vitest';

import { commentAdded, findMark, microsAt, seqAt } from './comment-event.ts';

it('finds in a message which event it is and when it happened', () => {
  const { body } = commentAdded('7', 1234, 987_654_321);
  const bytes = Buffer.from(JSON.stringify({ id: '1', type: 'next', payload: { data: { body } } }));
  const mark = findMark(bytes, 0, bytes.length);
  expect(seqAt(bytes, mark)).toBe(1234);
  expect(microsAt(bytes, mark)).toBe(987_654_321);
});

it('finds nothing in a message about something else', () => {
  const bytes = Buffer.from('{"type":"connection_ack"}@');
  expect(findMark(bytes, 0, bytes.length - 1)).toBe(-1);
});
