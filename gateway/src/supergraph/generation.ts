import type { Authorizer } from '../authorization/create-authorizer.ts';
import type { Engine, ExecutableOperation, PlanRequest } from '../engine/engine.ts';
import { createDocumentCache, type DocumentCache } from '../operations/document-cache.ts';
import type { DocumentLimits } from '../operations/limit-document.ts';
import { prepareDocument, type PreparedDocument } from '../operations/prepare-document.ts';
import type { Supergraph } from './read-supergraph.ts';

export interface GenerationOptions {
  readonly authorizer: Authorizer;
  readonly introspection: boolean;
  /** What a document may ask for. @default generous ones */
  readonly documentLimits?: DocumentLimits | undefined;
  /** How many bytes of memory documents and what was compiled of them may take, roughly. @default 192 MiB */
  readonly documentBytes?: number;
}

/**
 * A supergraph with everything that holds for it alone: its engine and the documents that fit it. It lives until a
 * newer one has replaced it and the last request that began on it has ended.
 */
export class Generation {
  readonly supergraph: Supergraph;
  readonly engine: Engine;
  readonly authorizer: Authorizer;
  readonly introspection: boolean;
  /** How many bytes of memory documents may take, with all that was made of them. */
  readonly documentBytes: number | undefined;
  readonly #limits: DocumentLimits | undefined;
  readonly #documents: DocumentCache<PreparedDocument>;
  readonly #retired = Promise.withResolvers<void>();
  #leases = 0;
  #isReplaced = false;

  constructor(supergraph: Supergraph, engine: Engine, options: GenerationOptions) {
    this.supergraph = supergraph;
    this.engine = engine;
    this.authorizer = options.authorizer;
    this.introspection = options.introspection;
    this.#limits = options.documentLimits;
    this.documentBytes = options.documentBytes;
    this.#documents = createDocumentCache(options.documentBytes);
  }

  /** Parses and validates a text, once for as long as it is in use. */
  prepare(text: string): PreparedDocument {
    const known = this.#documents.get(text);
    if (known) return known;
    const prepared = prepareDocument(text, {
      schema: this.engine.schema,
      introspection: this.introspection,
      ...(this.#limits && { limits: this.#limits }),
    });
    this.#documents.set(text, prepared);
    return prepared;
  }

  /**
   * Makes an operation of one of its documents ready, see {@link Engine.plan}. What comes of it counts as a part of the
   * document, whose memory it shares.
   */
  plan(request: PlanRequest): ExecutableOperation | Promise<ExecutableOperation> {
    const planned = this.engine.plan(request);
    if (!(planned instanceof Promise)) return planned;
    // Whoever asked for it sees why it failed; then there is nothing to weigh.
    planned.then(
      () => this.#weigh(request.operation.text),
      () => {},
    );
    return planned;
  }

  #weigh(text: string): void {
    const bytesOf = ({ operations = [] }: PreparedDocument) =>
      operations.reduce((total, operation) => total + (this.engine.bytesOf?.(operation) ?? 0), 0);
    this.#documents.weigh(text, bytesOf);
  }

  /** The texts that clients send most often. */
  hottest(count: number): readonly string[] {
    return this.#documents.hottest(count);
  }

  /** Makes the operations of a text ready for most callers; one that does not fit any more is left alone. */
  async warm(text: string): Promise<void> {
    for (const operation of this.prepare(text).operations ?? []) {
      if (operation.type !== 'subscription') await this.plan({ operation });
    }
  }

  /** Keeps the generation alive until the returned function is called. */
  lease(): () => void {
    let isOpen = true;
    this.#leases += 1;
    return () => {
      if (isOpen) this.#leases -= 1;
      isOpen = false;
      this.#settle();
    };
  }

  /** Says that no request begins here any more; resolves when the last one has ended. */
  retire(): Promise<void> {
    this.#isReplaced = true;
    this.#settle();
    return this.#retired.promise;
  }

  #settle(): void {
    if (this.#isReplaced && this.#leases === 0) this.#retired.resolve();
  }
}
