import type { SupergraphConfig } from '@tributary/planning';

import { gatewayEnvironment, subgraphEnvironment } from './child-environment.ts';
import { openLog } from './data-folder.ts';
import { startDatabases, type Databases } from './databases.ts';
import { readOrMakeKeys, type DevKeys } from './dev-keys.ts';
import type { DevSettings } from './dev-settings.ts';
import type { Reporter } from './reporter.ts';
import type { ChildPlan } from './start-child.ts';
import { superviseChild, type SupervisedChild } from './supervise-child.ts';
import { watchSchemas, writeSupergraph } from './supergraph-file.ts';

/** Databases, subgraphs and gateway, from the first moment of their start. */
export interface System {
  /** Resolves with the endpoint once all of them answer. */
  readonly start: () => Promise<string>;
  /** Gateway, subgraphs, databases, in this order: each still has what it needs while it drains. */
  readonly stop: () => Promise<void>;
  /** Ends everything without waiting for anything. */
  readonly kill: () => void;
}

export function createSystem(
  settings: DevSettings,
  supergraph: SupergraphConfig,
  report: Reporter,
  signal: AbortSignal,
): System {
  let databases: Databases | undefined;
  let subgraphs: readonly SupervisedChild[] = [];
  let gateway: SupervisedChild | undefined;
  let endWatching = () => {};
  const supervise = (plan: ChildPlan) =>
    superviseChild(plan, openLog(settings.dataFolder, plan.name), report);
  /** The supergraph file with the addresses of this start. */
  const config = { ...supergraph, subgraphs: settings.subgraphs };

  return {
    start: async () => {
      const keys = readOrMakeKeys(settings);
      // Both are finished before anything is thrown: what one of them started must be known to `stop`.
      const [composed, started] = await Promise.allSettled([
        report.during('Composing the supergraph', writeSupergraph(config, settings.supergraphFile)),
        startDatabases(settings, report).then((value) => (databases = value)),
      ]);
      const stores = expectDone(started);
      expectDone(composed);
      signal.throwIfAborted();
      subgraphs = planSubgraphs(settings, keys, stores).map(supervise);
      await waitUntilReady(subgraphs, report, signal);
      gateway = supervise(planGateway(settings, keys, stores));
      const [url = ''] = await waitUntilReady([gateway], report, signal);
      if (settings.isDevelopment) endWatching = watchSchemas(config, settings.supergraphFile, report);
      return url;
    },
    stop: async () => {
      endWatching();
      await gateway?.stop();
      await Promise.all(subgraphs.map((subgraph) => subgraph.stop()));
      await databases?.stop();
    },
    kill: () => {
      for (const child of [gateway, ...subgraphs]) child?.kill();
      databases?.kill();
    },
  };
}

async function waitUntilReady(
  children: readonly SupervisedChild[],
  report: Reporter,
  signal: AbortSignal,
): Promise<string[]> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  signal.throwIfAborted();
  const ready = children.map((child) => report.during(`Starting ${child.name}`, child.ready));
  return Promise.race([Promise.all(ready), aborted]);
}

const planSubgraphs = (settings: DevSettings, keys: DevKeys, databases: Databases): ChildPlan[] =>
  settings.subgraphs.flatMap(({ name, local }) => {
    if (!local) return [];
    const env = subgraphEnvironment(settings, keys, name, local, databases);
    return [{ name, file: local.file, cwd: settings.root, env }];
  });

const planGateway = (settings: DevSettings, keys: DevKeys, { eventsUrl }: Databases): ChildPlan => ({
  name: 'gateway',
  file: settings.gatewayFile,
  nodeFlags: settings.gatewayNodeFlags,
  cwd: settings.root,
  env: gatewayEnvironment(settings, keys, eventsUrl),
});

function expectDone<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
