import type { Subscriber } from './subscriber.ts';

/** Some who are about to leave, and the last event that they still get. */
interface Leaving {
  readonly members: readonly Subscriber[];
  readonly until: number;
  readonly left: PromiseWithResolvers<void>;
}

/** Who is in a group, those among them who go on elsewhere once they have got what came before. */
export class GroupMembers {
  readonly staying = new Set<Subscriber>();
  #leaving: Leaving[] = [];

  get isEmpty(): boolean {
    return this.staying.size === 0 && this.#leaving.length === 0;
  }

  /** @returns resolves when they have got all events up to that one */
  dismiss(members: readonly Subscriber[], until: number): Promise<void> {
    const left = Promise.withResolvers<void>();
    for (const member of members) this.staying.delete(member);
    this.#leaving.push({ members, until, left });
    return left.promise;
  }

  /** Lets go of those who wait for nothing before that event. */
  dismissBefore(index: number): void {
    const done = this.#leaving.filter(({ until }) => until < index);
    if (done.length === 0) return;
    this.#leaving = this.#leaving.filter(({ until }) => until >= index);
    for (const { left } of done) left.resolve();
  }

  /** Everybody who is to get an event. */
  *at(index: number): Iterable<Subscriber> {
    for (const member of this.staying) if (member.since < index) yield member;
    for (const { members, until } of this.#leaving) {
      if (until < index) continue;
      for (const member of members) if (member.since < index) yield member;
    }
  }
}
