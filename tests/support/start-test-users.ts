import { startUsers } from '@tributary/users';
import { readConfig, type UsersConfig } from '@tributary/users/config';
import { createTestKeys } from '@tributary/testkit';

import { startTestSubgraph, type TestSubgraph } from './start-test-subgraph.ts';

const { privateKey } = createTestKeys();

/**
 * Starts the users subgraph in this process, with the members of jsonplaceholder.
 *
 * @example const users = await startTestUsers(postgres.url('users'));
 */
export const startTestUsers = (
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<TestSubgraph> =>
  // What reads the settings is given with it, so they are those of users.
  startTestSubgraph((config) => startUsers(config as UsersConfig), readConfig, {
    DATABASE_URL: databaseUrl,
    JWT_PRIVATE_KEY: privateKey,
    SEED: 'jsonplaceholder',
    ...env,
  });
