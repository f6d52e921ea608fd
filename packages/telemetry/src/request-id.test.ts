import { expect, it } from 'vitest';

import { requestIdOf } from './request-id.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

it('takes an id that the caller brings', () => {
  expect(requestIdOf('mobile_42-abc')).toBe('mobile_42-abc');
});

it.each([undefined, '', 'short', 'a'.repeat(129), 'two words', 'x"\r\nset-cookie: a', ['listed-id-1']])(
  'makes a UUID instead of %j',
  (header) => {
    expect(requestIdOf(header)).toMatch(uuid);
  },
);
