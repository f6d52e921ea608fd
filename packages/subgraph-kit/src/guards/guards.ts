import { defineError } from '@tributary/errors';

import { hasRole, type Principal } from '../context/principal.ts';
import type { Middleware, Resolver } from './compose.ts';

/** The part of a context that guards read. */
export interface GuardedContext {
  readonly principal: Principal;
}

const SignInNeeded = defineError('UNAUTHENTICATED', () => 'Sign in to do this');
const RoleNeeded = defineError(
  'FORBIDDEN',
  (roles: readonly string[]) => `This needs the role ${roles.join(' or ')}`,
);
const ScopesNeeded = defineError(
  'FORBIDDEN',
  (missing: readonly string[]) => `This needs the scope ${missing.join(' and ')}`,
);
const OwnerNeeded = defineError('FORBIDDEN', () => 'Only its owner may do this');
const Denied = defineError('FORBIDDEN', () => 'Nobody may do this');

/** Throws what a caller lacks; returns when there is nothing to say against them. May look something up first. */
export type Rule<Parent = unknown, Args = unknown, Context = GuardedContext> = (
  principal: Principal,
  parent: Parent,
  args: Args,
  context: Context,
) => void | Promise<void>;

/**
 * Makes a guard of a rule: the resolver is never called for somebody whom the rule refuses.
 *
 * @example guard((principal) => { if (principal.userId !== 'root') throw new Denied(); })
 */
export const guard =
  <Needed extends GuardedContext = GuardedContext>(
    rule: Rule<unknown, unknown, Needed>,
  ): Middleware<Needed> =>
  <Parent, Args, Context extends Needed, Result>(next: Resolver<Parent, Args, Context, Result>) =>
    applyRule<Parent, Args, Context, Result>(rule, next);

const applyRule =
  <Parent, Args, Context extends GuardedContext, Result>(
    rule: Rule<Parent, Args, Context>,
    next: Resolver<Parent, Args, Context, Result>,
  ): Resolver<Parent, Args, Context, Result | Promise<Awaited<Result>>> =>
  (...call) => {
    const [parent, args, context] = call;
    const verdict = rule(context.principal, parent, args, context);
    // A rule that knows at once costs no tick, which would also take the field out of its siblings' batches.
    return verdict instanceof Promise ? afterVerdict(verdict, () => next(...call)) : next(...call);
  };

async function afterVerdict<Result>(verdict: Promise<void>, resolve: () => Result): Promise<Awaited<Result>> {
  await verdict;
  return await resolve();
}

/** @throws {CodedError} UNAUTHENTICATED when nobody signed in */
export function checkUser(principal: Principal): string {
  if (principal.userId === null) throw new SignInNeeded().with({ extensions: { requiresAuth: true } });
  return principal.userId;
}

/** Only callers who signed in. */
export const requireUser = guard((principal) => void checkUser(principal));

/** Only callers who have one of the roles. */
export const requireRole = (...roles: readonly string[]) =>
  guard((principal) => {
    checkUser(principal);
    if (!roles.some((role) => hasRole(principal, role))) throw new RoleNeeded(roles);
  });

/** Only administrators. */
export const requireAdmin = requireRole('ADMIN');

/** Only callers whose token has all the scopes; the refusal names the missing ones. */
export const requireScopes = (...scopes: readonly string[]) => requireAnyScopes([scopes]);

/**
 * Only callers whose token has all the scopes of at least one of the sets, as `@requiresScopes` has them; the refusal
 * names what is missing of the set that is nearest.
 */
export const requireAnyScopes = (sets: readonly (readonly string[])[]) =>
  guard((principal) => {
    checkUser(principal);
    const missing = sets.map((scopes) => scopes.filter((scope) => !principal.scopes.includes(scope)));
    const [fewest = []] = missing.toSorted((one, other) => one.length - other.length);
    if (fewest.length > 0)
      throw new ScopesNeeded(fewest).with({ extensions: { requiredPermissions: fewest } });
  });

/** Whose a value is; `null` when it is nobody's. */
type OwnerOf<Parent, Args, Context> = (
  parent: Parent,
  args: Args,
  context: Context,
) => string | null | Promise<string | null>;

/**
 * Only the owner.
 *
 * @example email: requireOwner((user: UserRow) => user.id)((user) => user.email)
 */
export const requireOwner = <Parent, Args = unknown, Needed extends GuardedContext = GuardedContext>(
  ownerOf: OwnerOf<Parent, Args, Needed>,
) => ownerGuard(ownerOf, isOwner);

/** Only the owner and administrators. */
export const requireOwnerOrAdmin = <Parent, Args = unknown, Needed extends GuardedContext = GuardedContext>(
  ownerOf: OwnerOf<Parent, Args, Needed>,
) => ownerGuard(ownerOf, isOwnerOrAdmin);

const ownerGuard =
  <Parent, Args, Needed extends GuardedContext>(
    ownerOf: OwnerOf<Parent, Args, Needed>,
    isAllowed: (principal: Principal, ownerId: string | null) => boolean,
  ) =>
  <Context extends Needed, Result>(next: Resolver<Parent, Args, Context, Result>) =>
    applyRule<Parent, Args, Context, Result>((principal, parent, args, context) => {
      checkUser(principal);
      const ownerId = ownerOf(parent, args, context);
      return ownerId instanceof Promise ? ownerId.then(refuseOthers) : refuseOthers(ownerId);

      function refuseOthers(owner: string | null): void {
        if (!isAllowed(principal, owner)) throw new OwnerNeeded();
      }
    }, next);

/** Everybody: written down where a field is open on purpose. Reads no caller, so it fits a field that has none. */
export const allowAny: Middleware<unknown> = (next) => next;

/** Nobody: for a field that must exist and not be used yet. */
export const denyAll: Middleware<unknown> = () => () => {
  throw new Denied();
};

export const isOwner = (principal: Principal, ownerId: string | null): boolean =>
  principal.userId !== null && principal.userId === ownerId;

/** True for the owner and for administrators. */
export const isOwnerOrAdmin = (principal: Principal, ownerId: string | null): boolean =>
  isOwner(principal, ownerId) || hasRole(principal, 'ADMIN');
