import { createOutbox, startSubgraph, type RunningSubgraph } from '@tributary/subgraph-kit';

import type { UsersConfig } from './config.ts';
import type { Repositories, Services } from './context.ts';
import { createKeySetRoute } from './key-set-route.ts';
import { createLoaders } from './loaders.ts';
import { createNotificationRepository } from './notification-repository.ts';
import { notifyAuthors } from './notify-authors.ts';
import { createPasswords } from './passwords.ts';
import { createPresenceRepository } from './presence-repository.ts';
import { createCredentialRepository, createUserRepository } from './repository.ts';
import { resolvers } from './resolvers.ts';
import { seed } from './seed.ts';
import { createSignInBrake } from './sign-in-brake.ts';
import { sweepPresence } from './sweep-presence.ts';
import { createTokenIssuer } from './token-issuer.ts';

/** Starts the users subgraph: members, their passwords, and the tokens that they get for them. */
export async function startUsers(config: UsersConfig): Promise<RunningSubgraph> {
  const passwords = await createPasswords();
  const tokens = await createTokenIssuer(config);
  const services: Services = { passwords, tokens, signInBrake: createSignInBrake() };
  return startSubgraph(
    {
      name: 'users',
      schemaFile: new URL('../schema.graphql', import.meta.url),
      resolvers,
      migrations: new URL('../migrations/', import.meta.url),
      // Everybody knows the demo password: in production nobody can sign in as the members of the seed.
      seed: (database) => seed(database, config.isProduction ? undefined : passwords),
      repositories: (sql): Repositories => ({
        users: createUserRepository(sql),
        credentials: createCredentialRepository(sql, config),
        notifications: createNotificationRepository(sql),
        presence: createPresenceRepository(sql),
        events: createOutbox(sql, 'users'),
      }),
      loaders: createLoaders,
      services,
      events: { consumers: [notifyAuthors] },
      tasks: [sweepPresence],
      routes: { 'GET /.well-known/jwks.json': createKeySetRoute(tokens) },
    },
    config,
  );
}
