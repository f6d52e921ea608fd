import { inTime } from '../in-time.ts';
import type { Script } from './scripts.ts';

/** What the event log needs of Redis, the same for a single server and a cluster. */
export interface RedisConnection {
  /** The command that publishes to whoever follows a channel: sharded since Redis 7. */
  readonly publish: 'SPUBLISH' | 'PUBLISH';
  run(script: Script, key: string, args: readonly string[]): Promise<unknown>;
  range(key: string, start: string, limit: number): Promise<readonly RedisStreamEntry[]>;
  members(key: string): Promise<readonly string[]>;
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
}

export interface RedisStreamEntry {
  readonly id: string;
  readonly message: Readonly<Record<string, string>>;
}

/** What the clients of a server and of a cluster have in common. */
export interface RedisCommands {
  evalSha(sha: string, options: ScriptArguments): Promise<unknown>;
  eval(text: string, options: ScriptArguments): Promise<unknown>;
  xRange(key: string, start: string, end: string, options: { COUNT: number }): Promise<unknown>;
  sMembers(key: string): Promise<unknown>;
}

interface ScriptArguments {
  readonly keys: string[];
  readonly arguments: string[];
}

/** What runs commands; the rest of a connection is what subscribes. */
export function commandsOf(
  client: RedisCommands,
  sharded: boolean,
): Pick<RedisConnection, 'publish' | 'run' | 'range' | 'members'> {
  return {
    publish: sharded ? 'SPUBLISH' : 'PUBLISH',
    run: (script, key, args) =>
      inTime('Redis', runScript(client, script, { keys: [key], arguments: [...args] })),
    range: async (key, start, limit) =>
      (await inTime(
        'Redis',
        client.xRange(key, start, '+', { COUNT: limit }),
      )) as readonly RedisStreamEntry[],
    members: async (key) => [...((await inTime('Redis', client.sMembers(key))) as Iterable<string>)],
  };
}

/** A server that was restarted no longer knows the script. */
async function runScript(
  client: RedisCommands,
  { sha, text }: Script,
  args: ScriptArguments,
): Promise<unknown> {
  try {
    return await client.evalSha(sha, args);
  } catch (error: unknown) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return client.eval(text, args);
  }
}
