import { describe, expect, it } from 'vitest';

import { readyMessage } from './ready-message.ts';

const url = 'http://127.0.0.1:4000/graphql';

describe('readyMessage', () => {
  it('tells a developer where GraphiQL is and how to sign in', () => {
    const text = readyMessage(url, { hasGraphiQL: true, hasDemoSignIn: true });
    expect(text).toContain(`Tributary is ready: ${url}\nOpen it in a browser for GraphiQL`);
    expect(text).toContain('password: "tributary"');
  });

  it('offers neither where it does not work', () => {
    const text = readyMessage(url, { hasGraphiQL: false, hasDemoSignIn: false });
    expect(text).toContain('Try one of these. Ctrl-C stops everything.');
    expect(text).toContain('# The posts of one author');
    expect(text).not.toMatch(/GraphiQL|signIn|password/);
  });
});
