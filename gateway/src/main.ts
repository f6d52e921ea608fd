import { runProcess } from '@tributary/lifecycle';

import { readConfig } from './config.ts';
import { startGateway } from './start-gateway.ts';

await runProcess('gateway', ({ env }) => startGateway(readConfig(env)));
