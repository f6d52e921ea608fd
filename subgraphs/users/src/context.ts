import type { Outbox, RequestContext } from '@tributary/subgraph-kit';

import type { Loaders } from './loaders.ts';
import type { NotificationRepository } from './notification-repository.ts';
import type { Passwords } from './passwords.ts';
import type { PresenceRepository } from './presence-repository.ts';
import type { CredentialRepository, UserRepository, UserRow } from './repository.ts';
import type { SignInBrake } from './sign-in-brake.ts';
import type { TokenIssuer } from './token-issuer.ts';

/** What comes from the database. */
export interface Repositories {
  readonly users: UserRepository;
  readonly credentials: CredentialRepository;
  readonly notifications: NotificationRepository;
  readonly presence: PresenceRepository;
  readonly events: Outbox;
}

/** Everything that resolvers use besides. */
export interface Services {
  readonly passwords: Passwords;
  readonly signInBrake: SignInBrake;
  readonly tokens: TokenIssuer;
}

export type Context = RequestContext<Repositories, Loaders, Services>;

/** What stands for a user while an answer is put together. */
export interface UserParent extends UserRow {
  /** True when a password has just proven that the caller is this user, whom the request's identity cannot name yet. */
  readonly isProven?: boolean;
}
