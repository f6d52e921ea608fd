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
const Denied = defineError('FORBIDDEN', () => 'Nobody may do this');

/** Throws what a caller lacks; returns when there is nothing to say against them. */
export type Rule<Parent = unknown, Args = unknown> = (
  principal: Principal,
  parent: Parent,
  args: Args,
) => void;

/**
 * Makes a guard of a rule: the resolver is never called for somebody whom the rule refuses.
 *
 * @example guard((principal) => { if (principal.userId !== 'root') throw new Denied(); })
 */
export const guard =
  (rule: Rule): Middleware<GuardedContext> =>
  <Parent, Args, Context extends GuardedContext, Result>(next: Resolver<Parent, Args, Context, Result>) =>
  (...call: Parameters<typeof next>) => {
    const [parent, args, context] = call;
    rule(context.principal, parent, args);
    return next(...call);
  };

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
export const requireScopes = (...scopes: readonly string[]) =>
  guard((principal) => {
    checkUser(principal);
    const missing = scopes.filter((scope) => !principal.scopes.includes(scope));
    if (missing.length > 0)
      throw new ScopesNeeded(missing).with({ extensions: { requiredPermissions: missing } });
  });

/** Everybody: written down where a field is open on purpose. */
export const allowAny = guard(() => {});

/** Nobody: for a field that must exist and not be used yet. */
export const denyAll = guard(() => {
  throw new Denied();
});

/** True for the owner and for administrators. */
export const isOwnerOrAdmin = (principal: Principal, ownerId: string | null): boolean =>
  (principal.userId !== null && principal.userId === ownerId) || hasRole(principal, 'ADMIN');
