import type { seededChance } from '@tributary/testkit';

import { startProgram, type Program } from './start-program.ts';

const relayProgram = '../outbox/relay-process.ts';
/** Where a leader is killed. */
const faultSteps = ['reading', 'placed', 'half appended', 'appended', 'acknowledged', 'marked'] as const;

export interface RelaysOptions {
  readonly databaseUrl: string;
  readonly logUrl: string;
  readonly chance: ReturnType<typeof seededChance>;
  /** Whether the log may lose data, so that a leader can be killed while it appends again. */
  readonly losesData: boolean;
  /** Up to so many times a leader comes to the step where it is killed. */
  readonly maxLife: number;
  /** @default the real one */
  readonly program?: string | undefined;
}

/** Two replicas of a relay, which are killed at their worst moments and replaced. */
export class Relays {
  /** How often a leader was killed at each step. */
  readonly kills = new Map<string, number>();
  /** Of those that ended otherwise than by being killed. */
  readonly problems: string[] = [];
  readonly #options: RelaysOptions;
  readonly #running = new Set<Program>();
  #deck: string[] = [];
  #isStopping = false;

  constructor(options: RelaysOptions) {
    this.#options = options;
    this.refill();
  }

  /** Starts replicas in place of those that were killed. */
  refill(): void {
    while (this.#running.size < 2) this.#startOneToKill();
  }

  /** Leaves one replica, which nobody kills. */
  async calm(): Promise<void> {
    await this.stop();
    this.#start('');
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#running].map((program) => program.end('SIGKILL')));
  }

  #startOneToKill(): void {
    const step = this.#nextStep();
    const program = this.#start(step);
    void this.#countKill(program, step);
  }

  async #countKill(program: Program, step: string): Promise<void> {
    await program.ended;
    if (!this.#isStopping) this.kills.set(step, (this.kills.get(step) ?? 0) + 1);
  }

  #start(step: string): Program {
    const { program: file = relayProgram, chance, maxLife, databaseUrl, logUrl } = this.#options;
    // The first of these is the only one of its kind.
    const life = step === 'half appended' || step === 'resending' ? 1 : chance.integer(1, maxLife);
    const program = startProgram(file, {
      DATABASE_URL: databaseUrl,
      LOG_URL: logUrl,
      FAULT_STEP: step,
      FAULT_COUNT: String(step === '' ? 0 : life),
    });
    this.#running.add(program);
    void this.#forget(program);
    return program;
  }

  async #forget(program: Program): Promise<void> {
    const signal = await program.ended;
    this.#running.delete(program);
    if (signal !== 'SIGKILL') this.problems.push('a relay ended by itself');
  }

  /** Each step before any of them again. */
  #nextStep(): string {
    const { chance, losesData } = this.#options;
    if (this.#deck.length === 0) {
      const steps = losesData ? [...faultSteps, 'resending'] : faultSteps;
      this.#deck = steps
        .map((step) => ({ step, rank: chance.integer(0, 1_000_000) }))
        .toSorted((one, other) => one.rank - other.rank)
        .map(({ step }) => step);
    }
    return this.#deck.pop() ?? '';
  }
}
