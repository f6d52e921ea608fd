import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { ConfigError } from '@tributary/config';
import { EmbeddedPostgresError } from '@tributary/embedded-postgres';
import { CompositionError, readSupergraphConfig, SupergraphConfigError } from '@tributary/planning';

import { claimDataFolder, resetDataFolder } from '../dev/data-folder.ts';
import { DevError } from '../dev/dev-error.ts';
import { readDevSettings, type DevSettings } from '../dev/dev-settings.ts';
import { findProject } from '../dev/find-project.ts';
import { expectFreePorts } from '../dev/free-ports.ts';
import { readyMessage } from '../dev/ready-message.ts';
import { createReporter, type Reporter } from '../dev/reporter.ts';
import { createSystem, type System } from '../dev/start-system.ts';
import { listenForStop } from '../dev/stop-requests.ts';
import { exitCodes } from '../exit-codes.ts';

/** As long as the children of a killed start may take to drain. */
const afterKillMs = 12_000;

/** For the dispatcher: {@link dev} in the environment of this process. */
export const run = (args: readonly string[]): Promise<number> => dev(args, process.env);

/**
 * `tributary dev`: brings up databases, subgraphs and gateway on this machine and keeps them running until Ctrl-C.
 *
 * @returns the exit code: 0 after a stop that was asked for, 1 when the start failed
 */
export async function dev(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { reset: { type: 'boolean', default: false } } });
  const report = createReporter();
  let system: System | undefined;
  // From the first moment: whatever is started meanwhile must be stopped as well.
  const stop = listenForStop(() => system?.kill());
  try {
    const supergraph = await readSupergraphConfig(join(findProject(process.cwd()), 'supergraph.yaml'), {
      env,
    });
    const settings = readDevSettings(join(supergraph.file, '..'), supergraph, env);
    sayWhatIsElsewhere(settings, report);
    warnAboutOpenHost(settings, report);
    return await inDataFolder(settings, values.reset, report, async () => {
      system = createSystem(settings, supergraph, report, stop.signal);
      return runUntilStopped(system, settings, stop.signal, report);
    });
  } catch (error: unknown) {
    if (stop.signal.aborted) return exitCodes.done;
    if (!isForeseen(error)) throw error;
    report.say(error.message);
    return exitCodes.failed;
  } finally {
    stop.close();
  }
}

/** Runs something while the data folder is ours and the ports are free. */
async function inDataFolder(
  settings: DevSettings,
  isReset: boolean,
  report: Reporter,
  work: () => Promise<number>,
): Promise<number> {
  const claimed = claimDataFolder(settings.dataFolder);
  try {
    const waitMs = claimed.isAfterKill ? afterKillMs : 0;
    const ports = expectFreePorts(settings.host, neededPorts(settings), waitMs);
    await report.during('Waiting for what a killed start left behind', ports);
    if (isReset) await resetDataFolder(settings.dataFolder);
    return await work();
  } finally {
    claimed.release();
  }
}

async function runUntilStopped(
  system: System,
  { hasGraphiQL, isDevelopment }: DevSettings,
  signal: AbortSignal,
  report: Reporter,
): Promise<number> {
  try {
    const url = await system.start();
    report.print(readyMessage(url, { hasGraphiQL, hasDemoSignIn: isDevelopment }));
    await aborted(signal);
    return exitCodes.done;
  } finally {
    await report.during('Stopping', system.stop());
  }
}

const neededPorts = ({ gatewayPort, subgraphs }: DevSettings) => [
  { name: 'gateway', port: gatewayPort },
  ...subgraphs.flatMap(({ name, local }) => (local ? [{ name, port: local.port }] : [])),
];

function sayWhatIsElsewhere({ subgraphs, env }: DevSettings, report: Reporter): void {
  for (const { name, routingUrl, local } of subgraphs) {
    if (!local) report.say(`${name} is not started here: it is expected to run at ${routingUrl}`);
  }
  if (env['DATABASE_URL']) {
    report.say(
      'DATABASE_URL is not used here, since each subgraph has its own: set USERS_DATABASE_URL and so on',
    );
  }
}

/** In development the demo members' password works, and errors tell more than strangers should know. */
function warnAboutOpenHost({ host, isDevelopment }: DevSettings, report: Reporter): void {
  if (!isDevelopment || isLoopback(host)) return;
  report.say(
    `HOST is ${host}: others on the network reach this start and may sign in as the demo administrator; set NODE_ENV=production or HOST=127.0.0.1`,
  );
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || host.startsWith('127.');

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

const isForeseen = (error: unknown): error is Error =>
  [DevError, ConfigError, EmbeddedPostgresError, CompositionError, SupergraphConfigError].some(
    (type) => error instanceof type,
  );
