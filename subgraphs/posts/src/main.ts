import { runProcess } from '@tributary/lifecycle';

import { readConfig } from './config.ts';
import { startPosts } from './server.ts';

await runProcess('posts', ({ env }) => startPosts(readConfig(env)));
