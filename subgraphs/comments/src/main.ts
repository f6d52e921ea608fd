import { runProcess } from '@tributary/lifecycle';

import { readConfig } from './config.ts';
import { startComments } from './server.ts';

await runProcess('comments', ({ env }) => startComments(readConfig(env)));
