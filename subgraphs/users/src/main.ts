import { runProcess } from '@tributary/lifecycle';

import { readConfig } from './config.ts';
import { startUsers } from './server.ts';

await runProcess('users', ({ env }) => startUsers(readConfig(env)));
