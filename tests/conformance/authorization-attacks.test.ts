import { randomOperation, type MemorySupergraph, type RandomOperation } from '@tributary/testkit';
import { apiSchema } from '@tributary/planning/api-schema';
import { sample } from 'fast-check';
import { Kind, OperationTypeNode } from 'graphql';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import type { Authorizer, KeyedRefusals } from '../../gateway/src/authorization/create-authorizer.ts';
import { needs, startGuardedSupergraph } from '../support/guarded-supergraph.ts';
import { startTestGateway, startTokenIssuer, type TestGateway } from '../support/start-test-gateway.ts';

/** Stands between the gateway and its authorizer; a test may change what it says. */
const saboteur = vi.hoisted(() => ({ make: <T>(authorizer: T): T => authorizer }));
vi.mock(import('../../gateway/src/authorization/create-authorizer.ts'), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    createAuthorizer: (...args) => {
      const authorizer = original.createAuthorizer(...args);
      return {
        needsOf: (operation) => saboteur.make(authorizer).needsOf(operation),
        refusalsFor: (needs, principal) => saboteur.make(authorizer).refusalsFor(needs, principal),
      };
    },
  };
});

/** The scopes of callers, and what they may see. Whoever may see more asks first. */
const callers: readonly { readonly scope: string | undefined; readonly seen: readonly string[] }[] = [
  { scope: 'admin gold mutate', seen: [needs.user, needs.badges, needs.gold] },
  { scope: 'badges read', seen: [needs.user, needs.badges] },
  { scope: 'gold', seen: [needs.user, needs.gold] },
  { scope: 'badges', seen: [needs.user] },
  { scope: undefined, seen: [] },
];

let supergraph: MemorySupergraph;
let issuer: Awaited<ReturnType<typeof startTokenIssuer>>;
let tokens: Map<string | undefined, string>;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-attacks-'));
  supergraph = await startGuardedSupergraph();
  issuer = await startTokenIssuer();
  const signed = callers.map(async ({ scope }) => [scope, await issuer.sign({ scope, roles: [] })] as const);
  tokens = new Map(await Promise.all(signed));
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await issuer?.stop();
  await supergraph?.stop();
  await rm(folder, { recursive: true, force: true });
});

const gateways: TestGateway[] = [];
const start = async (sdl = supergraph.sdl): Promise<TestGateway> => {
  const file = join(folder, `supergraph-${gateways.length}.graphql`);
  await writeFile(file, sdl);
  const gateway = await startTestGateway({ file }, { JWT_JWKS_URL: issuer.jwksUrl });
  gateways.push(gateway);
  return gateway;
};

const userIds = ['u1', 'u2'];
const attacks = (numRuns: number, seed: number): readonly RandomOperation[] =>
  sample(
    randomOperation(apiSchema(supergraph.sdl), {
      operationTypes: [OperationTypeNode.QUERY, OperationTypeNode.MUTATION],
      values: {
        'Query.user(id:)': userIds,
        'Query.node(id:)': [...userIds, needs.user, 'b1', 'f1'],
        'Mutation.rename(id:)': userIds,
      },
      maxDepth: 5,
      maxFields: 15,
      // Non-null: where they are asked for, little else is left to see.
      weightOf: (_type, field) => ({ pass: 0.1, secret: 0.1, nodes: 5, found: 5, node: 5 })[field],
    }),
    { numRuns, seed },
  );

/** The first answer with something in it that its caller may not see. */
async function findLeak(gateway: TestGateway, operations: readonly RandomOperation[]) {
  for (const { query, operationName, variables } of operations) {
    for (const { scope, seen } of callers) {
      const token = tokens.get(scope);
      const { body } = await gateway.query(query, {
        variables,
        ...(operationName !== undefined && { operationName }),
        headers: scope === undefined ? {} : { authorization: `Bearer ${token}` },
      });
      const text = JSON.stringify(body);
      const shown = Object.values(needs).filter((need) => text.includes(need));
      // Users may know that there is a vault, others not even that.
      if (text.includes(':"Vault"')) shown.push(needs.user);
      const leaked = shown.filter((need) => !seen.includes(need));
      const faults = (body.errors ?? []).filter(
        ({ extensions }) => extensions['code'] === 'INTERNAL_SERVER_ERROR',
      );
      if (leaked.length > 0 || faults.length > 0) return { query, variables, scope, leaked, faults };
    }
  }
  return undefined;
}

const seed = 20_261_121;

it('shows nobody what they may not see, in 120 operations that nobody thought of', async () => {
  expect(await findLeak(await start(), attacks(120, seed))).toBeUndefined();
});

it('shows those who may see everything everything, in the same operations', async () => {
  const whole = await start();
  const unprotected = await start(withoutMarks(supergraph.sdl));
  const headers = { authorization: `Bearer ${tokens.get('admin gold mutate')}` };
  let compared = 0;
  for (const { query, operationName, variables } of attacks(60, seed)) {
    if (/\bpass\b/.test(query)) continue;
    const options = { variables, headers, ...(operationName !== undefined && { operationName }) };
    const [seen, all] = await Promise.all(
      [whole, unprotected].map((gateway) => gateway.query(query, options)),
    );
    expect(seen?.body.data).toEqual(all?.body.data);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(30);
});

const mark = / @(authenticated|requiresScopes\(.*?\]\]\)|policy\(.*?\]\]\))(?=[ \n])/g;
const withoutMarks = (sdl: string): string =>
  sdl.replaceAll(/^.*$/gm, (line) =>
    line.startsWith('directive') ? line : `${line}\n`.replaceAll(mark, '').trimEnd(),
  );

it('relies on no mark but that of the source, where an older composer asked for no more', async () => {
  const sdl = supergraph.sdl.replaceAll(/^ *(address|seal|envelope|text|digest)\b.*$/gm, (line) =>
    `${line}\n`.replaceAll(mark, '').trimEnd(),
  );
  expect(sdl).toMatch(/^ *envelope: String @join__field\([^@]*$/m);
  expect(await findLeak(await start(sdl), attacks(60, seed))).toBeUndefined();
});

describe('a mistake in authorization is found:', () => {
  let gateway: TestGateway;
  let mistakes = 0;
  beforeAll(async () => {
    gateway = await start();
  });
  afterEach(() => {
    saboteur.make = (authorizer) => authorizer;
  });

  const refusing =
    (change: (refusals: KeyedRefusals) => KeyedRefusals | undefined) =>
    (authorizer: Authorizer): Authorizer => ({
      ...authorizer,
      refusalsFor: (needs, principal) => {
        const refusals = authorizer.refusalsFor(needs, principal);
        if (refusals instanceof Promise) throw new Error('Expected refusals at once');
        return refusals && change(refusals);
      },
    });
  const except = (isLet: (type: string, field: string) => boolean) =>
    refusing(({ key, isRefused }) => ({
      key,
      isRefused: (type, field) => !isLet(type, field) && isRefused(type, field),
    }));

  it.each<[string, (authorizer: Authorizer) => Authorizer]>([
    ['nothing is refused', refusing(() => undefined)],
    [
      'whoever lacks something is taken for one who lacks something else',
      refusing(({ isRefused }) => ({ key: 'x', isRefused })),
    ],
    [
      'types are not refused where an interface returns them',
      except((_type, field) => field === '__typename'),
    ],
    [
      'implementations do not have what their interface object has',
      except((_type, field) => field === 'notes'),
    ],
    [
      'what a field is computed from is not looked at',
      except((_type, field) => field === 'seal' || field === 'envelope'),
    ],
    ['contexts are not looked at', except((type) => type === 'Greeting')],
    [
      'fragments are not looked at',
      (authorizer) => ({
        ...authorizer,
        needsOf: (document) =>
          authorizer.needsOf({
            ...document,
            definitions: document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION),
          }),
      }),
    ],
  ])('%s', async (_title, breakIt) => {
    // Operations of its own: what was compiled before the mistake was made would hide it.
    mistakes += 1;
    saboteur.make = <T>(authorizer: T) => breakIt(authorizer as Authorizer) as T;
    expect(await findLeak(gateway, attacks(150, seed + mistakes))).toBeDefined();
  });
});
