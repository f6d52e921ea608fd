// What the programs of this project have in common: they answer with their own environment.
import { appendFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';

import { runProcess } from '@tributary/lifecycle';

/** Starts a service that tells its settings at `/` and ends as asked at `/crash`. */
export const startService = (name: string): Promise<void> =>
  runProcess(name, async ({ env }) => {
    const failure = env[`${name.toUpperCase()}_FAILS`];
    if (failure) throw new Error(failure);
    note(`${name} starts`);
    // oxlint-disable-next-line no-console -- the supervisor's reading of log lines is what is tested
    console.log(JSON.stringify({ level: 'info', name, msg: 'everyday line' }));
    const server = createServer((request, response) => {
      if (request.url === '/crash') process.exit(3);
      response.end(JSON.stringify({ env, pid: process.pid }));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(Number(env['PORT']), '127.0.0.1', resolve);
    });
    return {
      url: `http://127.0.0.1:${env['PORT']}/graphql`,
      stop: async () => {
        note(`${name} drains`);
        if (env[`${name.toUpperCase()}_HANGS`]) await new Promise(() => {});
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        note(`${name} ends`);
      },
    };

    /** The order of events across processes, for the test to read. */
    function note(event: string): void {
      const file = env['EVENTS_FILE'];
      if (file && (existsSync(file) || event.endsWith('starts'))) appendFileSync(file, `${event}\n`);
    }
  });
