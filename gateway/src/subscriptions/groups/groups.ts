import { identityProjection, keepsRights } from '../../authorization/identity-projection.ts';
import type { Principal } from '../../identity/principal.ts';
import { RequestErrors } from '../../operations/coerce-variables.ts';
import type { GroupHost } from './group-host.ts';
import { Group } from './group.ts';
import type { RenewedCaller } from '../operation-request.ts';
import type { GroupRequest, PreparedSubscription } from '../prepared-subscription.ts';
import type { SharedResult } from '../subscriber-sink.ts';
import type { Subscriber } from '../subscriber.ts';

/** Prepares on the supergraph that is in service, again where a new one was taken up. */
export type Prepare = (request: GroupRequest, principal: Principal) => Promise<PreparedSubscription>;

export interface GroupsOptions {
  readonly prepare: Prepare;
  /** How a group of theirs sees its surroundings. */
  readonly host: Omit<GroupHost, 'onEmpty'>;
  /** Told when a group was made, or has lost its last subscriber. */
  readonly onCount: (delta: 1 | -1) => void;
}

/** Who shares a program with others who are answered alike. */
interface Part {
  readonly program: PreparedSubscription;
  readonly members: Subscriber[];
}

/** All groups: who belongs to which, also after the supergraph or a token has changed. */
export class Groups {
  readonly #options: GroupsOptions;
  readonly #host: GroupHost;
  readonly #all = new Set<Group>();
  /** Whom newcomers join. Of one key there are several while supergraphs change. */
  readonly #byKey = new Map<string, Group>();
  #recompiling: Promise<void> = Promise.resolve();
  /** How often a supergraph was taken up. */
  #taken = 0;
  #isStopped = false;

  constructor(options: GroupsOptions) {
    this.#options = options;
    this.#host = {
      ...options.host,
      onEmpty: (group) => {
        if (this.#all.delete(group)) options.onCount(-1);
        this.#forgetKey(group);
      },
    };
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<Group> {
    return this.#all.values();
  }

  /** Takes somebody into the group of a program, for the events from now on. */
  join(program: PreparedSubscription, subscriber: Subscriber): void {
    subscriber.since = this.#host.feed.index;
    this.#enter(program, subscriber);
  }

  /**
   * Goes on with another token of the same user. From this moment on nothing is resolved for the subscriber, nor given to
   * it, that was meant for the old one; what is on its way, and what comes until it is known what the new one may see, is
   * kept and answered for the new one.
   */
  async refresh(subscriber: Subscriber, { principal, forwardedHeaders }: RenewedCaller): Promise<void> {
    const before = subscriber.principal;
    const { group } = subscriber;
    subscriber.principal = principal;
    if (!group || !subscriber.isOpen) return;
    if (!keepsRights(before, principal)) subscriber.forget();
    const { request } = group.program;
    const isSameCaller =
      identityProjection(before) === identityProjection(principal) || !group.tellsCallersApart;
    if (isSameCaller && isAlike(request.forwardedHeaders, forwardedHeaders)) return;
    await this.#moveLater(group, subscriber, { ...request, forwardedHeaders });
  }

  async #moveLater(from: Group, subscriber: Subscriber, request: GroupRequest): Promise<void> {
    const { principal } = subscriber;
    const { program: old } = from;
    const scope = { ...old.scope, principal };
    const until = { ...old, request, scope, release: old.generation.lease() };
    const waiting = new Group(until, this.#host, principal, { waits: true });
    this.#add(waiting);
    waiting.takeOver([subscriber], from.handOver([subscriber]));
    try {
      const program = await this.#prepareCurrent(request, principal);
      // It has left, or has yet another token.
      if (waiting.isClosed) program.release();
      else if (waiting.isIdle) this.#settle(waiting, subscriber, program);
      else this.#start(waiting, program);
    } catch (error: unknown) {
      waiting.fail(error);
    }
  }

  /** Who waits for nothing may join others. */
  #settle(waiting: Group, subscriber: Subscriber, program: PreparedSubscription): void {
    waiting.remove(subscriber);
    // Who catches up has its own place.
    subscriber.since = Math.max(subscriber.since, this.#host.feed.index);
    this.#enter(program, subscriber);
  }

  #start(waiting: Group, program: PreparedSubscription): void {
    waiting.start(program);
    if (!waiting.isClosed && !this.#byKey.has(program.key)) this.#byKey.set(program.key, waiting);
  }

  /** A supergraph that is taken up meanwhile passes by those who wait. */
  async #prepareCurrent(request: GroupRequest, principal: Principal): Promise<PreparedSubscription> {
    while (true) {
      const taken = this.#taken;
      const program = await this.#options.prepare(request, principal);
      if (taken === this.#taken) return program;
      program.release();
    }
  }

  #enter(program: PreparedSubscription, subscriber: Subscriber): void {
    const known = this.#byKey.get(program.key);
    if (known && !known.isClosed) {
      program.release();
      known.add(subscriber);
      return;
    }
    const group = new Group(program, this.#host, subscriber.principal);
    this.#add(group);
    this.#byKey.set(program.key, group);
    group.add(subscriber);
  }

  /** Tells everybody who wants to know where the log is by now. */
  tellPlace(place: SharedResult): void {
    for (const group of this.#all) group.tellPlace(place);
  }

  /** Goes on with the supergraph that is in service now; what is no longer valid on it ends. */
  recompile(): Promise<void> {
    this.#taken += 1;
    this.#recompiling = this.#recompileAfter(this.#recompiling);
    return this.#recompiling;
  }

  /** Resolves when nobody is moved any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#recompiling;
  }

  async #recompileAfter(last: Promise<void>): Promise<void> {
    await last;
    // Those that are made meanwhile are up to date.
    for (const group of Array.from(this.#all)) {
      // Whatever is wrong with one of them is not to keep the others on an old supergraph.
      await this.#recompileGroup(group).catch((error: unknown) => group.fail(error));
    }
  }

  async #recompileGroup(group: Group): Promise<void> {
    const [someone] = group.members;
    if (!someone || group.isWaiting || this.#isStopped) return;
    const old = group.program;
    try {
      const program = await this.#options.prepare(old.request, someone.principal);
      const isForAll = old.isBound || (!program.isBound && !program.hasRequirements);
      if (program.key !== old.key && isForAll) {
        this.#adopt(group, program);
        return;
      }
      program.release();
      if (program.key !== old.key) await this.#split(group);
    } catch (error: unknown) {
      // A document that is not valid is so for everybody; what one caller may not see, others may.
      if (old.isBound || error instanceof RequestErrors) group.fail(error);
      else await this.#split(group);
    }
  }

  #adopt(group: Group, program: PreparedSubscription): void {
    this.#forgetKey(group);
    group.adopt(program);
    if (!group.isClosed && !this.#byKey.has(program.key)) this.#byKey.set(program.key, group);
  }

  /** On another supergraph, those who were answered alike may not be any more. */
  async #split(group: Group): Promise<void> {
    const { request } = group.program;
    const parts = new Map<string, Part>();
    const alike = Map.groupBy(group.members, ({ principal }) => identityProjection(principal));
    for (const members of alike.values()) {
      const [someone] = members;
      if (!someone) continue;
      try {
        const program = await this.#options.prepare(request, someone.principal);
        const part = parts.get(program.key);
        if (part) program.release();
        else parts.set(program.key, { program, members });
        // One by one: as arguments, very many would not fit on the stack.
        for (const member of members) part?.members.push(member);
      } catch (error: unknown) {
        const errors = this.#host.format(error);
        for (const member of members) member.fail(errors);
      }
    }
    for (const part of parts.values()) this.#move(group, part);
  }

  /** Into a group of their own: others may have got already what is still on its way to them. */
  #move(from: Group, { program, members }: Part): void {
    const present = members.filter(({ isOpen, group }) => isOpen && group === from);
    const [someone] = present;
    if (!someone) {
      program.release();
      return;
    }
    const group = new Group(program, this.#host, someone.principal);
    this.#add(group);
    group.takeOver(present, from.handOver(present));
    if (!this.#byKey.has(program.key)) this.#byKey.set(program.key, group);
  }

  #add(group: Group): void {
    this.#all.add(group);
    this.#options.onCount(1);
  }

  #forgetKey(group: Group): void {
    const { key } = group.program;
    if (this.#byKey.get(key) === group) this.#byKey.delete(key);
  }
}

const isAlike = (one: GroupRequest['forwardedHeaders'], other: GroupRequest['forwardedHeaders']): boolean =>
  JSON.stringify(one ?? {}) === JSON.stringify(other ?? {});
