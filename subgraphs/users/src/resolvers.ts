import { CodedError } from '@tributary/errors';
import {
  checkUser,
  conflict,
  encodeCursor,
  guard,
  isOwner,
  isOwnerOrAdmin,
  notFound,
  orThrow,
  parseInput,
  readPage,
  requestedFields,
  requireUser,
  toConnection,
  violatedConstraint,
  type CompleteResolvers,
} from '@tributary/subgraph-kit';

import type { Context, UserParent } from './context.ts';
import { presenceChanged, userCreated, userUpdated } from './events.ts';
import type { Resolvers } from './generated/resolvers.ts';
import {
  markNotificationsReadInput,
  renewPresenceInput,
  signInInput,
  signUpInput,
  updateProfileInput,
} from './inputs.ts';
import { primeLoaders } from './loaders.ts';
import { nameFields, type UserRow } from './repository.ts';
import type { SignInAttempt } from './sign-in-brake.ts';

/** What a gateway is signed with that tells of presence, in nobody's name: no member's token has it. */
const presenceScope = 'internal:presence';

const requireGateway = guard(({ scopes }) => {
  if (!scopes.includes(presenceScope))
    throw new CodedError('FORBIDDEN', `This needs the scope ${presenceScope}`);
});

export const resolvers: CompleteResolvers<Resolvers> = {
  Query: {
    me: (_root, _args, { currentUserId, loaders }) =>
      currentUserId === null ? null : loaders.userById.load(currentUserId),
    notifications: requireUser(async (_root, args, { principal, repositories }) => {
      const page = readPage(args, 20);
      const rows = await repositories.notifications.list(checkUser(principal), page);
      return toConnection(rows, page, ({ createdAt, id }) => encodeCursor({ at: createdAt, id }));
    }),
    unreadNotificationCount: requireUser((_root, _args, { principal, repositories }) =>
      repositories.notifications.countUnread(checkUser(principal)),
    ),
    user: (_root, { id }, { loaders }) => loaders.userById.load(id),
    users: async (_root, { first, after, filter }, { repositories, loaders }) => {
      const page = readPage({ first, after }, 20);
      const rows = await repositories.users.list(filter ?? {}, page);
      primeLoaders(loaders, rows);
      return toConnection(rows, page, ({ createdAt, id }) => encodeCursor({ at: createdAt, id }));
    },
  },
  Mutation: {
    signUp: async (_root, { input }, { services, transaction }) => {
      const parsed = parseInput(signUpInput, input);
      if (!parsed.ok) return parsed.failure;
      const { password, ...newUser } = parsed.value;
      // Before the transaction: a hash takes so long that others would wait for the connection.
      const passwordHash = await services.passwords.hash(password);
      return orConflict(newUser, async () => {
        const user = await transaction(async ({ users, credentials, events }) => {
          const created = await users.insert(newUser);
          await credentials.insert({ userId: created.id, passwordHash });
          await events.publish(userCreated(created));
          return created;
        });
        return toAuthPayload(user, services);
      });
    },
    signIn: async (_root, { input }, { repositories, loaders, services }) => {
      const parsed = parseInput(signInInput, input);
      if (!parsed.ok) return parsed.failure;
      const { login, password } = parsed.value;
      const attempt = services.signInBrake.begin(login);
      const user = await unlessItThrows(attempt, async () => {
        const known = await repositories.credentials.findByLogin(login);
        if (known) attempt.countFor(known.userId);
        const isRight = await services.passwords.fits(password, known?.passwordHash);
        return known && isRight ? loaders.userById.load(known.userId) : null;
      });
      if (!user) return invalidCredentials;
      attempt.succeeded();
      return toAuthPayload(user, services);
    },
    updateProfile: requireUser((_root, { input }, { principal, transaction }) => {
      const parsed = parseInput(updateProfileInput, input);
      if (!parsed.ok) return parsed.failure;
      const { company, ...changes } = parsed.value;
      return orConflict(changes, async () => {
        const user = await transaction(async ({ users, events }) => {
          const updated = await users.update(checkUser(principal), {
            ...changes,
            ...companyColumns(company),
          });
          if (updated) await events.publish(userUpdated(updated));
          return updated;
        });
        return user ? { __typename: 'User' as const, ...user } : notFound('There is no such member any more');
      });
    }),
    markNotificationsRead: requireUser((_root, { input }, { principal, transaction }) => {
      const parsed = parseInput(markNotificationsReadInput, input);
      if (!parsed.ok) return parsed.failure;
      const userId = checkUser(principal);
      return transaction(async ({ notifications }) => ({
        __typename: 'ReadNotifications' as const,
        ids: await notifications.markRead(userId, parsed.value.ids),
        unreadCount: await notifications.countUnread(userId),
      }));
    }),
    renewPresence: requireGateway((_root, { input }, { transaction }) => {
      const parsed = parseInput(renewPresenceInput, input);
      const lease = orThrow(parsed.ok ? parsed.value : parsed.failure);
      return transaction(async ({ presence, events }) => {
        const changed = await (lease.leaseSeconds === 0
          ? presence.end(lease.holder, lease.userIds)
          : presence.renew(lease));
        await events.publish(...changed.map(presenceChanged));
        return { changed: changed.length };
      });
    }),
  },
  Notification: {
    __resolveReference: async ({ id }, { loaders, principal }) => {
      const notification = await loaders.notificationById.load(id);
      // Nobody else's, administrators included, whoever has learned its id.
      return notification && isOwner(principal, notification.userId) ? notification : null;
    },
    actor: ({ actorId }, _args, { loaders }) => loaders.userById.load(actorId),
  },
  User: {
    __resolveReference: (reference, { loaders }, info) => {
      if (!('id' in reference)) return loaders.userByUsername.load(reference.username);
      const isNameEnough = requestedFields(info).isSubsetOf(fieldsOfName);
      return (isNameEnough ? loaders.userNameById : loaders.userById).load(reference.id);
    },
    company: ({ companyName, companyCatchPhrase }) =>
      companyName === null ? null : { name: companyName, catchPhrase: companyCatchPhrase },
    email: (user, _args, context) => (isSeenBy(context, user) ? user.email : null),
    birthday: (user, _args, context) => (isSeenBy(context, user) ? user.birthday : null),
    preferences: (user, _args, context) => (isSeenBy(context, user) ? user.preferences : null),
  },
};

const fieldsOfName: ReadonlySet<string> = new Set(['__typename', ...nameFields]);

/** Whether the caller may see what a member does not show to others. */
const isSeenBy = ({ principal }: Context, { id, isProven = false }: UserParent): boolean =>
  isProven || isOwnerOrAdmin(principal, id);

/** An attempt that ended in an error, a full queue for example, is no guess: its owner may try again. */
async function unlessItThrows<T>(attempt: SignInAttempt, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error: unknown) {
    attempt.giveBack();
    throw error;
  }
}

/** One answer for all that can be wrong, or it would tell who is a member. */
const invalidCredentials = {
  __typename: 'InvalidCredentials',
  code: 'UNAUTHENTICATED',
  message: 'The name, the address or the password is wrong',
} as const;

const toAuthPayload = async (user: UserRow, { tokens }: Context['services']) => ({
  __typename: 'AuthPayload' as const,
  ...(await tokens.issue(user)),
  tokenType: 'Bearer',
  user: { ...user, isProven: true },
});

/** A company is given as a whole: what it does not say is taken away. */
function companyColumns(
  company: { name: string; catchPhrase?: string | null | undefined } | null | undefined,
) {
  if (company === undefined) return {};
  return { companyName: company?.name ?? null, companyCatchPhrase: company?.catchPhrase ?? null };
}

/** Does work that may find a name or an address taken: the database knows, even when two come at once. */
async function orConflict<T>(
  { username, email }: { readonly username?: string; readonly email?: string | undefined },
  work: () => Promise<T>,
): Promise<T | ReturnType<typeof conflict>> {
  try {
    return await work();
  } catch (error: unknown) {
    const constraint = violatedConstraint(error);
    if (constraint === 'users_by_username') return conflict(`The username "${username}" is taken`);
    if (constraint === 'users_by_email') return conflict(`The email "${email}" is taken`);
    throw error;
  }
}
