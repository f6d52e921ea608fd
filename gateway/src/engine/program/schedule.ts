import type { Step } from './execution.ts';
import type { EntityFetch } from './fetch-entities.ts';

/** What a plan is made of while it is put in order: fetches of entities that may still be joined, and all else. */
export type Task =
  | {
      readonly kind: 'entities';
      readonly fetches: readonly EntityFetch[];
      /** Under which it may meet others at run time; see {@link markMeetings}. */
      readonly meeting?: string;
    }
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'sequence'; readonly tasks: readonly Task[] }
  | { readonly kind: 'parallel'; readonly tasks: readonly Task[] };

/** Fetches of entities that leave together. */
export type EntitiesTask = Extract<Task, { kind: 'entities' }>;

/** Tasks one after the other; sequences within become part of it. */
export function sequenceOf(tasks: readonly Task[]): Task {
  const flat = tasks.flatMap((task) => (task.kind === 'sequence' ? task.tasks : [task]));
  const [only] = flat;
  return only && flat.length === 1 ? only : { kind: 'sequence', tasks: flat };
}

/**
 * Tasks side by side, with as few requests as that takes. Fetches of entities that would leave at the same time for the
 * same subgraph leave as one. So does one that nothing waits for with a later one beside it: all of them have to be
 * there before anything goes on, so nothing is later for it.
 */
export function parallelOf(tasks: readonly Task[]): Task {
  const flat = tasks.flatMap((task) => (task.kind === 'parallel' ? task.tasks : [task]));
  const joined = joinHeads(joinLater(flat));
  const [only] = joined;
  return only && joined.length === 1 ? only : { kind: 'parallel', tasks: joined };
}

/**
 * Fetches of the same key may share a request: they go to the same subgraph and tell it the same, since whether it learns
 * who asks must not depend on what else is asked of it.
 */
const keyOf = ({ fetches: [first] }: EntitiesTask): string =>
  JSON.stringify([first?.subgraph.name, first?.carriesIdentity, first?.selection.operation.directivesText]);

const canJoin = (first: EntitiesTask, second: EntitiesTask): boolean => keyOf(first) === keyOf(second);

/**
 * Finds the fetches that go the same way on different sides of something parallel. What comes before them decides
 * whether they are ready at the same time, so it is seen at run time whether they leave as one.
 */
export function markMeetings(task: Task): Task {
  return mark(task, new Set());
}

function mark(task: Task, meetings: ReadonlySet<string>): Task {
  if (task.kind === 'step') return task;
  if (task.kind === 'entities') {
    const meeting = keyOf(task);
    return meetings.has(meeting) ? { ...task, meeting } : task;
  }
  const all = task.kind === 'parallel' ? new Set([...meetings, ...sharedKeys(task.tasks)]) : meetings;
  return { ...task, tasks: task.tasks.map((each) => mark(each, all)) };
}

/** The keys that more than one of the tasks has. */
function sharedKeys(tasks: readonly Task[]): readonly string[] {
  const seen = new Set<string>();
  const keys = tasks.flatMap((task) => [...new Set(keysOf(task))]);
  return keys.filter((key) => seen.size === seen.add(key).size);
}

function keysOf(task: Task): readonly string[] {
  if (task.kind === 'step') return [];
  return task.kind === 'entities' ? [keyOf(task)] : task.tasks.flatMap(keysOf);
}

const join = (first: EntitiesTask, second: EntitiesTask): EntitiesTask => ({
  kind: 'entities',
  fetches: [...first.fetches, ...second.fetches],
});

/** Joins fetches that stand alone with later ones of the sequences beside them. */
function joinLater(tasks: readonly Task[]): readonly Task[] {
  let remaining = [...tasks];
  for (const task of tasks) {
    if (task.kind !== 'entities') continue;
    for (const other of remaining) {
      if (other.kind !== 'sequence') continue;
      const joined = joinWithin(other, task, { isHead: true });
      if (!joined) continue;
      remaining = remaining.filter((each) => each !== task).map((each) => (each === other ? joined : each));
      break;
    }
  }
  return remaining;
}

/** The task with the fetch in it, or `undefined` where nothing in it goes the same way later. */
function joinWithin(
  task: Task,
  fetch: EntitiesTask,
  { isHead }: { readonly isHead: boolean },
): Task | undefined {
  if (task.kind === 'step') return undefined;
  // What leaves first is joined by joinHeads, which keeps what follows it apart.
  if (task.kind === 'entities') return !isHead && canJoin(task, fetch) ? join(task, fetch) : undefined;
  for (const [index, each] of task.tasks.entries()) {
    const isFirst = isHead && (task.kind === 'parallel' || index === 0);
    const joined = joinWithin(each, fetch, { isHead: isFirst });
    if (joined) return { ...task, tasks: task.tasks.with(index, joined) };
  }
  return undefined;
}

/** Joins what leaves first; what followed each of them follows all of them, side by side. */
function joinHeads(tasks: readonly Task[]): readonly Task[] {
  const groups: { head: EntitiesTask; rests: Task[] }[] = [];
  const others: Task[] = [];
  for (const task of tasks) {
    const [head, ...rest] = task.kind === 'sequence' ? task.tasks : [task];
    if (head?.kind !== 'entities') {
      others.push(task);
      continue;
    }
    const group = groups.find((each) => canJoin(each.head, head));
    const rests = rest.length > 0 ? [sequenceOf(rest)] : [];
    if (!group) groups.push({ head, rests });
    else {
      group.head = join(group.head, head);
      group.rests.push(...rests);
    }
  }
  const joined = groups.map(({ head, rests }) =>
    rests.length > 0 ? sequenceOf([head, parallelOf(rests)]) : head,
  );
  return [...others, ...joined];
}
