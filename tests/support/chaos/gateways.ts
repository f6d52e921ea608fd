import { readMetric } from '@tributary/testkit';

import { startProgram, type Program } from './start-program.ts';

/** A gateway in a process of its own, always at the same address. */
interface Replica {
  readonly port: string;
  program: Program;
}

/** Several gateways, each of which may be killed and comes back. */
export class Gateways {
  /** Of those that ended by themselves, which no mishap may do to them. */
  readonly problems: string[] = [];
  readonly #env: Readonly<Record<string, string>>;
  readonly #replicas: Replica[] = [];

  private constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  static async start(count: number, env: Readonly<Record<string, string>>): Promise<Gateways> {
    const gateways = new Gateways(env);
    await Promise.all(Array.from({ length: count }, () => gateways.#add()));
    return gateways;
  }

  /** Where clients open sockets, whether anybody is there or not. */
  get urls(): readonly string[] {
    return this.#replicas.map(({ port }) => `ws://127.0.0.1:${port}/graphql`);
  }

  /** Ends one of them by a signal and starts it again. */
  async replace(index: number, signal: NodeJS.Signals): Promise<void> {
    const replica = this.#replicas[index];
    if (!replica) return;
    await replica.program.end(signal);
    replica.program = this.#start(replica.port);
    await replica.program.said;
  }

  /** Subscriptions that are open at all of them; one that is gone has none. */
  async subscriptions(): Promise<number> {
    const counts = this.#replicas.map(({ port }) =>
      readMetric(`http://127.0.0.1:${port}`, 'tributary_active_subscriptions').catch(() => 0),
    );
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#replicas.map(({ program }) => program.end('SIGKILL')));
  }

  async #add(): Promise<void> {
    const program = this.#start('0');
    const { url } = (await program.said) as { readonly url: string };
    this.#replicas.push({ port: new URL(url).port, program });
  }

  #start(port: string): Program {
    const program = startProgram('gateway-process.ts', { ...this.#env, PORT: port });
    void this.#watch(program);
    return program;
  }

  async #watch(program: Program): Promise<void> {
    await program.ended;
    if (!program.isEnding) this.problems.push('a gateway ended by itself');
  }
}
