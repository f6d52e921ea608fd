import { parse } from 'graphql';
import { afterEach, expect, it, vi } from 'vitest';

import { startPresence, type RunningPresence } from './start-presence.ts';

const supergraph = parse(`
  enum join__Graph {
    USERS @join__graph(name: "users", url: "http://users.test/")
    POSTS @join__graph(name: "posts", url: "http://posts.test/")
  }
  type Mutation @join__type(graph: USERS) @join__type(graph: POSTS) {
    createPost: String @join__field(graph: POSTS)
    renewPresence(input: RenewPresenceInput!): RenewedPresence! @inaccessible @join__field(graph: USERS)
  }
`);

interface Lease {
  readonly subgraph: string;
  readonly scopes: readonly string[];
  readonly input: {
    readonly holder: string;
    readonly userIds: readonly string[];
    readonly leaseSeconds: number;
  };
}

let presence: RunningPresence | undefined;
afterEach(() => presence?.stop());

const start = (document = supergraph, answer: () => object = () => ({ data: {} })) => {
  const present = new Set<string>();
  const leases: Lease[] = [];
  const warn = vi.fn();
  const scopesOf = new Map<string, readonly string[]>();
  presence = startPresence({
    users: () => present,
    supergraph: {
      current: () => ({
        supergraph: { document, subgraphs: [{ name: 'users', url: 'http://users.test/' }] },
      }),
    } as never,
    subgraphClient: {
      fetch: async ({ name }, { body }, { identityFor }) => {
        await identityFor?.(name);
        const { variables } = JSON.parse(body) as { readonly variables: Pick<Lease, 'input'> };
        leases.push({ subgraph: name, scopes: scopesOf.get(name) ?? [], input: variables.input });
        return answer();
      },
    },
    signIdentity: (principal, subgraph) => {
      scopesOf.set(subgraph, principal.scopes);
      return 'signed';
    },
    logger: { warn } as never,
    leaseSeconds: 0.15,
    lookMs: 5,
  });
  return { present, leases, warn };
};

it('tells the subgraph that keeps presence of those who come, once, and of those who stay in time', async () => {
  const { present, leases } = start();
  present.add('1').add('2');
  await expect.poll(() => leases.length).toBeGreaterThan(0);
  expect(leases[0]).toEqual({
    subgraph: 'users',
    scopes: ['internal:presence'],
    input: { holder: expect.any(String), userIds: ['1', '2'], leaseSeconds: 0.15 },
  });
  present.add('3');
  await expect.poll(() => leases.some(({ input }) => input.userIds.includes('3'))).toBe(true);
  await expect
    .poll(() => leases.filter(({ input }) => input.userIds.includes('1')).length)
    .toBeGreaterThan(1);
  expect(new Set(leases.map(({ input }) => input.holder)).size).toBe(1);
});

it('tells nothing more of those who are gone', async () => {
  const { present, leases } = start();
  present.add('1').add('2');
  await expect.poll(() => leases.length).toBeGreaterThan(0);
  present.delete('1');
  await expect.poll(() => leases.at(-1)?.input.userIds).toEqual(['2']);
});

it('ends no lease of one who comes and goes again and again, who would seem to come and go to everybody', async () => {
  const { present, leases } = start();
  for (let round = 1; round <= 4; round += 1) {
    present.add('1').delete('2');
    await expect.poll(() => leases.at(-1)?.input.userIds).toContain('1');
    present.add('2').delete('1');
    await expect.poll(() => leases.at(-1)?.input.userIds).toEqual(['2']);
  }
  expect(new Set(leases.map(({ input }) => input.leaseSeconds))).toEqual(new Set([0.15]));
});

it('says when it was refused, and tries again', async () => {
  const { present, leases, warn } = start(supergraph, () => ({ errors: [{ message: 'not now' }] }));
  present.add('1');
  await expect.poll(() => leases.length).toBeGreaterThan(1);
  expect(warn).toHaveBeenCalledWith({ reason: 'not now' }, expect.any(String));
});

it('asks nobody where nobody keeps presence', async () => {
  const users = vi.fn(() => ['1']);
  const { leases } = start(parse('type Mutation { createPost: String }'));
  await presence?.stop();
  presence = startPresence({
    ...({} as Parameters<typeof startPresence>[0]),
    users,
    lookMs: 1,
    supergraph: {
      current: () => ({ supergraph: { document: parse('type Query { a: Int }'), subgraphs: [] } }),
    } as never,
    logger: { warn: vi.fn() } as never,
  });
  await expect.poll(() => users.mock.calls.length).toBeGreaterThan(0);
  expect(leases).toEqual([]);
});
