import { afterAll, beforeAll, expect, it } from 'vitest';

import { startRealSupergraph, type RealSupergraph } from '../support/start-real-supergraph.ts';

let supergraph: RealSupergraph;
beforeAll(async () => {
  supergraph = await startRealSupergraph();
});
afterAll(() => supergraph.stop());

const userIds = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'];

it('never shows the private fields of one user to another, under 200 requests at once', async () => {
  // Everybody asks for everybody: the same entities, the same operation, the same loaders' keys, other rights.
  const query = `{ me { id email } ${userIds.map((id) => `u${id}: user(id: "${id}") { id email }`).join(' ')} }`;
  const tokens = new Map(
    await Promise.all(userIds.map(async (id) => [id, await supergraph.signIn(id)] as const)),
  );
  const asked = Array.from({ length: 200 }, (_, index) => userIds[index % userIds.length] ?? '1');
  const answers = await Promise.all(
    asked.map(async (id) => ({ id, ...(await supergraph.query(query, { token: tokens.get(id) })) })),
  );
  for (const { id, body } of answers) {
    const { me, ...others } = body.data as Record<string, { id: string; email: string | null }>;
    expect(me?.id).toBe(id);
    expect(me?.email).toContain('@');
    const seen = Object.values(others).filter(({ email }) => email !== null);
    expect(seen.map((user) => user.id)).toEqual([id]);
  }
});

it('shows them to nobody who did not sign in, and to administrators', async () => {
  const query = '{ user(id: "3") { email } }';
  expect((await supergraph.query(query)).body.data).toEqual({ user: { email: null } });
  const token = await supergraph.signIn('1', ['ADMIN']);
  expect((await supergraph.query(query, { token })).body.data).toEqual({
    user: { email: 'Nathan@yesenia.net' },
  });
});
