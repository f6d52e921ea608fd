import type { GraphQLResolveInfo } from 'graphql';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';

import { anonymous, type Principal } from '../context/principal.ts';
import { compose, type Middleware, type Resolver } from './compose.ts';
import {
  allowAny,
  denyAll,
  guard,
  requireAdmin,
  requireAnyScopes,
  requireOwner,
  requireOwnerOrAdmin,
  requireRole,
  requireScopes,
  requireUser,
  type GuardedContext,
} from './guards.ts';

const info = {} as GraphQLResolveInfo;
const caller = (facts: Partial<Principal>): Principal => ({ ...anonymous, ...facts });

const ada = caller({ userId: 'ada', scopes: ['read:users'] });
const bob = caller({ userId: 'bob' });
const admin = caller({ userId: 'root', roles: ['ADMIN'] });
const moderator = caller({ userId: 'mo', roles: ['MODERATOR'] });
const nobody = anonymous;
/** A request that carries no identity: reading the caller throws, as in a real context. */
const unidentified: GuardedContext = {
  get principal(): Principal {
    throw new TypeError('no identity');
  },
};

interface Profile {
  readonly ownerId: string | null;
}
const ownerOf = ({ ownerId }: Profile) => ownerId;
type Guard = (
  next: Resolver<Profile, unknown, GuardedContext, string>,
) => Resolver<Profile, unknown, GuardedContext, string | Promise<string>>;

/** What a guarded field gives: its value, or the code of the refusal; and whether its resolver was called. */
async function ask(guarded: Guard, principal: Principal, ownerId: string | null = 'ada') {
  const resolver = vi.fn(() => 'value');
  const outcome = await Promise.try(() => guarded(resolver)({ ownerId }, {}, { principal }, info)).catch(
    (error: { code: string }) => error.code,
  );
  return { outcome, calls: resolver.mock.calls.length };
}

const allowed = { outcome: 'value', calls: 1 };
const unauthenticated = { outcome: 'UNAUTHENTICATED', calls: 0 };
const forbidden = { outcome: 'FORBIDDEN', calls: 0 };

const cases: readonly (readonly [string, Guard, Record<string, [Principal, object]>])[] = [
  [
    'requireUser',
    requireUser,
    { nobody: [nobody, unauthenticated], ada: [ada, allowed], admin: [admin, allowed] },
  ],
  [
    'requireAdmin',
    requireAdmin,
    { nobody: [nobody, unauthenticated], ada: [ada, forbidden], admin: [admin, allowed] },
  ],
  [
    'requireRole of several',
    requireRole('ADMIN', 'MODERATOR'),
    { nobody: [nobody, unauthenticated], ada: [ada, forbidden], moderator: [moderator, allowed] },
  ],
  [
    'requireScopes',
    requireScopes('read:users'),
    { nobody: [nobody, unauthenticated], bob: [bob, forbidden], ada: [ada, allowed] },
  ],
  [
    'requireAnyScopes',
    requireAnyScopes([['write:users'], ['read:users']]),
    { nobody: [nobody, unauthenticated], bob: [bob, forbidden], ada: [ada, allowed] },
  ],
  [
    'requireOwner',
    requireOwner(ownerOf),
    {
      nobody: [nobody, unauthenticated],
      owner: [ada, allowed],
      another: [bob, forbidden],
      admin: [admin, forbidden],
    },
  ],
  [
    'requireOwnerOrAdmin',
    requireOwnerOrAdmin(ownerOf),
    {
      nobody: [nobody, unauthenticated],
      owner: [ada, allowed],
      another: [bob, forbidden],
      admin: [admin, allowed],
    },
  ],
  [
    'requireOwner that looks the owner up',
    requireOwner(async ({ ownerId }: Profile) => ownerId),
    { nobody: [nobody, unauthenticated], owner: [ada, allowed], another: [bob, forbidden] },
  ],
  ['allowAny', allowAny, { nobody: [nobody, allowed], ada: [ada, allowed] }],
  ['denyAll', denyAll, { nobody: [nobody, forbidden], admin: [admin, forbidden] }],
];

describe.each(cases)('%s', (_name, guarded, callers) => {
  it.each(Object.entries(callers))('answers %s as the table says', async (_who, [principal, expected]) => {
    expect(await ask(guarded, principal)).toEqual(expected);
  });
});

it('takes nobody for the owner of what is nobody’s', async () => {
  expect(await ask(requireOwner(ownerOf), bob, null)).toEqual(forbidden);
  expect(await ask(requireOwner(ownerOf), nobody, null)).toEqual(unauthenticated);
});

it('says that signing in would help', () => {
  expect(() => requireUser(() => 'value')({}, {}, { principal: nobody }, info)).toThrow(
    expect.objectContaining({
      message: 'Sign in to do this',
      extensions: { code: 'UNAUTHENTICATED', requiresAuth: true },
    }),
  );
});

it('lists the scopes that are missing', () => {
  const resolve = requireScopes('read:users', 'write:posts', 'delete:posts')(() => 'value');
  expect(() => resolve({}, {}, { principal: ada }, info)).toThrow(
    expect.objectContaining({
      message: 'This needs the scope write:posts and delete:posts',
      extensions: { code: 'FORBIDDEN', requiredPermissions: ['write:posts', 'delete:posts'] },
    }),
  );
});

it('names what is missing of the nearest set of scopes', () => {
  const resolve = requireAnyScopes([
    ['a', 'b'],
    ['read:users', 'c'],
  ])(() => 'value');
  expect(() => resolve({}, {}, { principal: ada }, info)).toThrow('This needs the scope c');
});

it('allows everybody on a field that carries no identity, and refuses everybody there as well', () => {
  expect(allowAny(() => 'value')({}, {}, unidentified, info)).toBe('value');
  expect(() => denyAll(() => 'value')({}, {}, unidentified, info)).toThrow('Nobody may do this');
});

it('fails loudly when a caller is needed and the request carries none', () => {
  expect(() => requireUser(() => 'value')({}, {}, unidentified, info)).toThrow(new TypeError('no identity'));
});

describe('a rule of one’s own', () => {
  interface PostContext extends GuardedContext {
    readonly isOpen: (id: string) => Promise<boolean>;
  }
  const requireOpen = guard<PostContext>(async (_principal, _parent, args, { isOpen }) => {
    if (!(await isOpen((args as { id: string }).id))) throw new Error('Closed');
  });
  const ask = (isOpen: boolean) => {
    const resolver = vi.fn(async () => 'value');
    const context = { principal: ada, isOpen: async () => isOpen };
    return { resolver, answer: requireOpen(resolver)({}, { id: '1' }, context, info) };
  };

  it('may look something up before it lets the resolver run', async () => {
    await expect(ask(true).answer).resolves.toBe('value');
  });

  it('keeps the resolver from being called however late it refuses', async () => {
    const { answer, resolver } = ask(false);
    await expect(answer).rejects.toThrow('Closed');
    expect(resolver).not.toHaveBeenCalled();
  });

  it('that knows at once keeps the field in its tick', () => {
    expect(requireUser(() => 'value')({}, {}, { principal: ada }, info)).toBe('value');
  });
});

describe('compose', () => {
  const traced =
    (name: string, trace: string[]): Middleware<unknown> =>
    <Parent, Args, Context, Result>(next: Resolver<Parent, Args, Context, Result>) =>
    async (...call: Parameters<typeof next>): Promise<Awaited<Result>> => {
      trace.push(`${name} begins`);
      const result: Awaited<Result> = await next(...call);
      trace.push(`${name} ends`);
      return result;
    };

  it('puts the first of its list outermost', async () => {
    const trace: string[] = [];
    const resolve = compose(traced('log', trace), traced('rate', trace))(() => void trace.push('resolver'));
    await resolve({}, {}, {}, info);
    expect(trace).toEqual(['log begins', 'rate begins', 'resolver', 'rate ends', 'log ends']);
  });

  it('does not ask the inner ones when an outer one refuses', async () => {
    const trace: string[] = [];
    const resolve = compose<GuardedContext>(requireUser, traced('inner', trace))(() => 'value');
    expect(() => resolve({}, {}, { principal: nobody }, info)).toThrow('Sign in to do this');
    expect(trace).toEqual([]);
  });

  it('lets the fields that it wraps run at the same time', async () => {
    const trace: string[] = [];
    const [first, second] = ['first', 'second'].map((name) =>
      compose(traced(name, trace))(async () => await new Promise(setImmediate)),
    );
    await Promise.all([first?.({}, {}, {}, info), second?.({}, {}, {}, info)]);
    expect(trace.slice(0, 2)).toEqual(['first begins', 'second begins']);
  });

  it('of nothing leaves the resolver as it is', () => {
    expect(compose()(() => 'value')({}, {}, {}, info)).toBe('value');
  });

  it('keeps the types of what it wraps', () => {
    const resolve = compose<GuardedContext>(requireUser)(
      (parent: Profile, args: { id: string }, context: GuardedContext) =>
        `${parent.ownerId} ${args.id} ${context.principal.userId}`,
    );
    expectTypeOf(resolve).parameter(0).toEqualTypeOf<Profile>();
    expectTypeOf(resolve).parameter(1).toEqualTypeOf<{ id: string }>();
    expectTypeOf(resolve).returns.toEqualTypeOf<string | Promise<string>>();
  });
});
