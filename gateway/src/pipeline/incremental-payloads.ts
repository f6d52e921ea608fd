import type { GraphQLFormattedError } from 'graphql';

import type { DeferredPart } from '../engine/engine.ts';
import type { IncrementalSpec } from '../http/media-type.ts';

/** A deferred part whose errors have their final form. */
export interface FormattedPart {
  readonly part: DeferredPart;
  /** JSON text. */
  readonly data: string;
  readonly errors: readonly GraphQLFormattedError[];
  /** What is deferred within it. */
  readonly deferred: readonly DeferredPart[];
}

/** The payloads of an answer in parts, as JSON texts. They must be asked for in the order in which they are sent. */
export interface IncrementalPayloads {
  /** Whether anything is still to come after the payloads so far. */
  readonly hasNext: boolean;
  /** @param members of the answer, each as `"name":value` */
  first(members: readonly string[]): string;
  later(parts: readonly FormattedPart[]): string;
  /** The last payload, when what is still to come will not come. */
  lost(errors: readonly GraphQLFormattedError[]): string;
}

/** What `extensions` say at this moment, if anything. */
export type Extensions = () => object | undefined;

export interface PayloadOptions {
  readonly deferred: readonly DeferredPart[];
  readonly extensions: Extensions;
}

export const createPayloads = (spec: IncrementalSpec, options: PayloadOptions): IncrementalPayloads =>
  spec === 'deferSpec=20220824' ? new PayloadsOf2022(options) : new PayloadsWithIds(options);

abstract class Payloads implements IncrementalPayloads {
  protected readonly open: Set<DeferredPart>;
  readonly #extensions: Extensions;

  constructor({ deferred, extensions }: PayloadOptions) {
    this.open = new Set(deferred);
    this.#extensions = extensions;
  }

  get hasNext(): boolean {
    return this.open.size > 0;
  }

  abstract first(members: readonly string[]): string;
  abstract later(parts: readonly FormattedPart[]): string;
  abstract lost(errors: readonly GraphQLFormattedError[]): string;

  protected settle(parts: readonly FormattedPart[]): void {
    for (const { part, deferred } of parts) {
      this.open.delete(part);
      for (const each of deferred) this.open.add(each);
    }
  }

  /** In the first payload and the last one: what they say is of the whole answer. */
  protected payload(members: readonly string[], isFirst = false): string {
    const extensions = isFirst || !this.hasNext ? this.#extensions() : undefined;
    return objectOf([...members, `"hasNext":${this.hasNext}`, ...member('extensions', extensions)]);
  }
}

/** A part is found by its path, and by its label where the client gave one. */
class PayloadsOf2022 extends Payloads {
  first(members: readonly string[]): string {
    return this.payload(members, true);
  }

  later(parts: readonly FormattedPart[]): string {
    this.settle(parts);
    return this.payload([listOf('incremental', parts.map(toEntry))]);
  }

  lost(errors: readonly GraphQLFormattedError[]): string {
    const entries = [...this.open].map((part, index) =>
      // One thing happened, so it is said once.
      toEntry({ part, data: 'null', errors: index === 0 ? errors : [], deferred: [] }),
    );
    this.open.clear();
    return this.payload([listOf('incremental', entries)]);
  }
}

const toEntry = ({ part: { path, label }, data, errors }: FormattedPart): string =>
  objectOf([
    `"data":${data}`,
    ...member('path', path),
    ...member('label', label),
    ...member('errors', errors.length > 0 ? errors : undefined),
  ]);

/** A part is announced with an id, and every later word about it names the id. */
class PayloadsWithIds extends Payloads {
  readonly #ids = new Map<DeferredPart, string>();

  first(members: readonly string[]): string {
    return this.payload([...members, ...this.#pending([...this.open])], true);
  }

  later(parts: readonly FormattedPart[]): string {
    this.settle(parts);
    const pending = this.#pending(parts.flatMap(({ deferred }) => deferred));
    const delivered = parts.filter(({ data }) => data !== 'null');
    return this.payload([
      ...pending,
      ...(delivered.length > 0 ? [listOf('incremental', delivered.map(this.#toEntry))] : []),
      listOf('completed', parts.map(this.#toCompleted)),
    ]);
  }

  lost(errors: readonly GraphQLFormattedError[]): string {
    const completed = [...this.open].map((part) =>
      this.#toCompleted({ part, data: 'null', errors, deferred: [] }),
    );
    this.open.clear();
    return this.payload([listOf('completed', completed)]);
  }

  #pending(parts: readonly DeferredPart[]): readonly string[] {
    for (const part of parts) this.#ids.set(part, String(this.#ids.size));
    const pending = parts.map((part) =>
      JSON.stringify({ id: this.#ids.get(part), path: part.path, label: part.label }),
    );
    return pending.length > 0 ? [listOf('pending', pending)] : [];
  }

  readonly #toEntry = ({ part, data, errors }: FormattedPart): string =>
    objectOf([
      ...member('id', this.#ids.get(part)),
      `"data":${data}`,
      ...member('errors', errors.length > 0 ? errors : undefined),
    ]);

  /** Without errors it says that all of the part was delivered. */
  readonly #toCompleted = ({ part, data, errors }: FormattedPart): string =>
    objectOf([
      ...member('id', this.#ids.get(part)),
      ...member('errors', data === 'null' ? errors : undefined),
    ]);
}

const member = (name: string, value: unknown): readonly string[] =>
  value === undefined ? [] : [`"${name}":${JSON.stringify(value)}`];

const listOf = (name: string, texts: readonly string[]): string => `"${name}":[${texts.join(',')}]`;

const objectOf = (members: readonly string[]): string => `{${members.join(',')}}`;
