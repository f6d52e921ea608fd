import { describe, expect, it } from 'vitest';

import { redact, redactQuery, redactVariables } from './redact.ts';

describe('redact', () => {
  it('replaces secrets in objects and lists, and leaves the original alone', () => {
    const value = { list: [{ apiKey: 'a', id: 1 }], cookie: null };
    expect(redact(value)).toEqual({ list: [{ apiKey: '[redacted]', id: 1 }], cookie: null });
    expect(value.list[0]?.apiKey).toBe('a');
  });

  it('ends at a depth where a cycle may hide', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(JSON.stringify(redact(cycle))).toContain('[too deep]');
  });

  it('leaves errors and dates to their own serializers', () => {
    const error = new Error('x');
    expect(redact({ error }).error).toBe(error);
  });
});

it('redacts variables, also when there are none', () => {
  expect(redactVariables({ input: { username: 'ada', password: 'x' } })).toEqual({
    input: { username: 'ada', password: '[redacted]' },
  });
  expect(redactVariables(null)).toEqual({});
});

it('takes every string literal out of a document', () => {
  const query = 'mutation { signIn(a: "hun\\"ter2", b: """block "quoted" text""", n: 3) { id } }';
  expect(redactQuery(query)).toBe('mutation { signIn(a: "…", b: "…", n: 3) { id } }');
});
