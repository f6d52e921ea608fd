import { readMetric } from '@tributary/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { startRealSupergraph, type RealSupergraph } from '../support/start-real-supergraph.ts';

/** Mistakes that a test makes on purpose: who shares answers, and which fetches say who asks. */
const mistakes = vi.hoisted(() => ({ sharesWithAll: false, forgetsMarks: false }));
vi.mock(import('../../gateway/src/authorization/identity-projection.ts'), async (importOriginal) => {
  const { identityProjection } = await importOriginal();
  return { identityProjection: (caller) => (mistakes.sharesWithAll ? 'x' : identityProjection(caller)) };
});
vi.mock(import('../../gateway/src/authorization/create-identity-rule.ts'), async (importOriginal) => {
  const { createIdentityRule } = await importOriginal();
  return {
    createIdentityRule: (supergraph) => {
      const rule = createIdentityRule(supergraph);
      return (subgraph, operation) => !mistakes.forgetsMarks && rule(subgraph, operation);
    },
  };
});

const userIds = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'];

let supergraph: RealSupergraph;
let tokens: ReadonlyMap<string, string>;
beforeAll(async () => {
  supergraph = await startRealSupergraph();
  tokens = new Map(await Promise.all(userIds.map(async (id) => [id, await supergraph.signIn(id)] as const)));
});
afterAll(() => supergraph.stop());
afterEach(() => Object.assign(mistakes, { sharesWithAll: false, forgetsMarks: false }));

/** Equal requests at once by ten users, who all ask for themselves and for each other. */
async function askAtOnce(requests: number, fields = 'id email') {
  const others = userIds.map((id) => `u${id}: user(id: "${id}") { ${fields} }`).join(' ');
  const query = `{ me { ${fields} } ${others} }`;
  const asked = Array.from({ length: requests }, (_, index) => userIds[index % userIds.length] ?? '1');
  return Promise.all(
    asked.map(async (id) => {
      const { body } = await supergraph.query(query, { token: tokens.get(id) });
      const { me, ...users } = body.data as Record<string, { id: string; email: string | null } | null>;
      const seen = Object.values(users).flatMap((user) => (user?.email ? [user.id] : []));
      return { id, me, seen, errors: body.errors ?? [] };
    }),
  );
}

const sharedFetches = () =>
  readMetric(supergraph.gateway.origin, 'tributary_subgraph_fetches_shared_total', { subgraph: 'users' });

describe('the private fields of one user are never shown to another, under 200 equal requests at once', () => {
  it('which share what they may', async () => {
    const before = await sharedFetches();
    for (const { id, me, seen, errors } of await askAtOnce(200)) {
      expect(errors).toEqual([]);
      expect(me).toEqual({ id, email: expect.stringContaining('@') });
      expect(seen).toEqual([id]);
    }
    // Or nothing would have been tried: the requests of one user share.
    expect((await sharedFetches()) - before).toBeGreaterThan(0);
  });

  it('and would be, if everybody counted as the same', async () => {
    mistakes.sharesWithAll = true;
    const answers = await askAtOnce(200);
    expect(answers.filter(({ id, me }) => me?.id !== id)).not.toEqual([]);
  });

  it('nor if a fetch does not say who asks: then a subgraph shows nothing at all', async () => {
    mistakes.forgetsMarks = true;
    // Another operation: the first one was compiled with the marks.
    for (const { me, seen, errors } of await askAtOnce(20, 'id email username')) {
      expect({ me, seen }).toEqual({ me: null, seen: [] });
      expect(errors).not.toEqual([]);
    }
  });
});

it('asks for what is equal for everybody once, whoever asks', async () => {
  const requests = () =>
    readMetric(supergraph.gateway.origin, 'tributary_subgraph_requests_total', { subgraph: 'users' });
  await supergraph.query('{ users(first: 3) { edges { node { name } } } }');
  const before = await requests();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      supergraph.query('{ users(first: 3) { edges { node { name } } } }', {
        token: tokens.get(userIds[index % userIds.length] ?? '1'),
      }),
    ),
  );
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect((await requests()) - before).toBeLessThan(50);
});

it('shows private fields to nobody who did not sign in, and to administrators', async () => {
  const query = '{ user(id: "3") { email } }';
  expect((await supergraph.query(query)).body.data).toEqual({ user: { email: null } });
  const token = await supergraph.signIn('1', ['ADMIN']);
  expect((await supergraph.query(query, { token })).body.data).toEqual({
    user: { email: 'Nathan@yesenia.net' },
  });
});
