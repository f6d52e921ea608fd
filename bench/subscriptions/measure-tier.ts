import { alternate, medianOf } from '../support/rounds.ts';
import { say } from '../support/run-scope.ts';
import type { FetchRow, Figures, IdleRow, PeerName, Row } from './row.ts';
import { Stage, type Bench } from './stage.ts';
import type { FanOut, Pace, Steady } from './tiers.ts';

/** What a tier adds to the result. */
export interface Measured {
  readonly rows: Row[];
  readonly idle: IdleRow[];
  readonly fetches: FetchRow[];
}

const kbPerMb = 1024;
/** What every process needs anyway stands before these subscribers, and is no part of what one of them takes. */
const idleBaselineShare = 0.1;

/** All peers with their subscribers side by side, measured in turn: who gets nothing costs nothing. */
export async function measureFanOut(bench: Bench, tier: FanOut, pace: Pace): Promise<Measured> {
  const measured: Measured = { rows: [], idle: [], fetches: [] };
  const stages: Stage[] = [];
  try {
    for (const peer of tier.peers) {
      const { selection, connections } = tier;
      const stage = await Stage.start(bench, { peer, selection, connections, perConnection: 1, posts: 1 });
      stages.push(stage);
      if (tier.isIdleFirst) measured.idle.push(await measureIdle(stage));
      await stage.open(connections);
      await stage.untilEverybodyHears();
    }
    await measureEvents(stages, { name: tier.name, count: 1, pace, measured });
    if (tier.burst) {
      const { events, peers } = tier.burst;
      const some = stages.filter(({ options: { peer } }) => peers.includes(peer));
      await measureEvents(some, { name: 'burst', count: events, pace, measured });
    }
  } finally {
    await Promise.all(stages.map((stage) => stage.stop()));
  }
  return measured;
}

async function measureIdle(stage: Stage): Promise<IdleRow> {
  const { connections, peer } = stage.options;
  const few = Math.round(connections * idleBaselineShare);
  await stage.open(few);
  const before = await stage.rssMbInUse();
  await stage.open(connections);
  const after = await stage.rssMbInUse();
  const kbPerSubscriber = Number((((after - before) * kbPerMb) / (connections - few)).toPrecision(3));
  say(`  ${peer}: ${kbPerSubscriber} KB of RSS for each idle subscriber`);
  return { peer, subscribers: connections, kbPerSubscriber };
}

interface EventsOptions {
  readonly name: string;
  /** Events at once. */
  readonly count: number;
  readonly pace: Pace;
  readonly measured: Measured;
}

async function measureEvents(stages: readonly Stage[], options: EventsOptions): Promise<void> {
  const { name, count, pace, measured } = options;
  for (const stage of stages) await measureRound(stage, count, pace.warmUpSeconds);
  const asked = new Map<Stage, { events: number; fetches: Map<string, number> }>();
  const rounds = await alternate(stages, pace.rounds, async (stage) => {
    const before = await stage.fetches();
    const { events, figures } = await measureRound(stage, count, pace.roundSeconds);
    const total = asked.get(stage) ?? { events: 0, fetches: new Map<string, number>() };
    asked.set(stage, total);
    total.events += events;
    for (const [subgraph, fetches] of Object.entries(await stage.fetches())) {
      const more = fetches - (before[subgraph] ?? 0);
      total.fetches.set(subgraph, (total.fetches.get(subgraph) ?? 0) + more);
    }
    return figures;
  });
  for (const [stage, figures] of rounds) {
    const { peer, selection } = stage.options;
    const row = { peer, tier: name, selection, subscribers: stage.subscribers, ...mediansOf(figures) };
    describe(row);
    measured.rows.push(row);
    const { events, fetches } = asked.get(stage) ?? { events: 1, fetches: new Map() };
    for (const [subgraph, total] of fetches) {
      if (total === 0) continue;
      const fetchesPerEvent = Number((total / events).toPrecision(4));
      measured.fetches.push({ peer, tier: name, selection, subgraph, fetchesPerEvent });
    }
  }
}

/** One event (or burst) after the other, each when the one before it has reached everybody. */
async function measureRound(
  stage: Stage,
  count: number,
  seconds: number,
): Promise<{ readonly events: number; readonly figures: Figures }> {
  await stage.startCounting();
  const before = stage.usage();
  const startedAt = performance.now();
  let events = 0;
  let figures;
  do {
    await stage.publish(count);
    events += count;
    figures = await stage.awaitMore(events * stage.subscribers);
  } while (performance.now() - startedAt < seconds * 1000);
  const elapsed = (performance.now() - startedAt) / 1000;
  const after = stage.usage();
  const { delivered, p50Ms, p99Ms } = figures;
  return {
    events,
    figures: {
      eventsPerSecond: events / elapsed,
      delivered,
      lost: events * stage.subscribers - delivered,
      deliveriesPerCpuSecond: delivered / (after.cpuSeconds - before.cpuSeconds),
      p50Ms,
      p99Ms,
      rssMb: after.rssMb,
    },
  };
}

/** Medians, except of what adds up: nothing may be lost in any round. */
function mediansOf(rounds: readonly Figures[]): Figures {
  const median = (key: keyof Figures) => Number(medianOf(rounds.map((round) => round[key])).toPrecision(4));
  const sum = (key: keyof Figures) => rounds.reduce((total, round) => total + round[key], 0);
  return {
    eventsPerSecond: median('eventsPerSecond'),
    delivered: sum('delivered'),
    lost: sum('lost'),
    deliveriesPerCpuSecond: Math.round(median('deliveriesPerCpuSecond')),
    p50Ms: median('p50Ms'),
    p99Ms: median('p99Ms'),
    rssMb: Math.round(median('rssMb')),
  };
}

/** One peer after the other; who cannot keep up is not asked to do more. */
export async function measureSteady(
  bench: Bench,
  tier: Steady,
  pace: Pace,
  exhausted: Set<PeerName>,
): Promise<Measured> {
  const measured: Measured = { rows: [], idle: [], fetches: [] };
  const { name, selection, connections, perConnection, posts, eventsPerSecond } = tier;
  for (const peer of tier.peers) {
    if (exhausted.has(peer)) {
      say(`  ${peer}: not measured, because it did not keep up with less`);
      continue;
    }
    const stage = await Stage.start(bench, { peer, selection, connections, perConnection, posts });
    try {
      await stage.open(connections);
      await stage.untilEverybodyHears();
      await stage.stream(eventsPerSecond, pace.warmUpSeconds);
      const before = stage.usage();
      const { figures, expected } = await stage.stream(eventsPerSecond, pace.steadySeconds);
      const after = stage.usage();
      const { delivered, p50Ms, p99Ms } = figures;
      const row: Row = {
        peer,
        tier: name,
        selection,
        subscribers: stage.subscribers,
        eventsPerSecond,
        delivered,
        lost: expected - delivered,
        deliveriesPerCpuSecond: Math.round(delivered / (after.cpuSeconds - before.cpuSeconds)),
        p50Ms,
        p99Ms,
        rssMb: Math.round(after.rssMb),
      };
      if (row.lost > 0) exhausted.add(peer);
      describe(row);
      measured.rows.push(row);
    } finally {
      await stage.stop();
    }
  }
  return measured;
}

const describe = ({ peer, deliveriesPerCpuSecond, p50Ms, p99Ms, lost }: Row): void =>
  say(
    `  ${peer}: ${deliveriesPerCpuSecond} deliveries per CPU second, p50 ${p50Ms} ms, p99 ${p99Ms} ms, ${lost} lost`,
  );
