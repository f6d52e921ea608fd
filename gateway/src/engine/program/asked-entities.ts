import type { DataObject, MergeFields } from './data-tree.ts';
import type { FetchOperation } from './fetch-operation.ts';
import type { RewriteAnswer } from './output-rewrites.ts';
import type { EntityIdentity, RepresentationShape } from './representation.ts';

/** What is asked of entities. Fetches of one program that ask the same have the same object. */
export interface EntitySelection {
  /** Tells the selections of a program apart. */
  readonly id: number;
  readonly operation: FetchOperation;
  /** Puts what an entity of the answer brings into the tree. */
  readonly merge: MergeFields;
  /** The variables that do not come from the client. */
  readonly fromContext: ReadonlySet<string>;
  readonly rewrite: RewriteAnswer | undefined;
}

/** The entities that one selection is asked of, in one list of representations. */
export interface Batch {
  readonly selection: EntitySelection;
  /** Variables that `@fromContext` gives, as text. */
  readonly context: string;
  readonly entities: AskedEntity[];
  /** Settles when they are in the tree; absent until the request has left. */
  done: Promise<void> | undefined;
}

/** One entity of a batch, however often it stands in the tree. */
export interface AskedEntity {
  readonly batch: Batch;
  readonly representation: string;
  /** Where it is waited for; it was represented as it stands at the first of them. */
  readonly targets: [DataObject, ...DataObject[]];
  /** `undefined` until it is there, `null` when there is none. */
  entity: DataObject | null | undefined;
  /** It came with errors, or not at all: whoever wants it later asks again. */
  isFailed: boolean;
}

/** What was asked for, by what tells the entities of a selection apart. */
export class AskedEntities {
  readonly #bySelection = new Map<
    EntitySelection,
    Map<RepresentationShape, Map<EntityIdentity, AskedEntity>>
  >();

  of(selection: EntitySelection, shape: RepresentationShape): Map<EntityIdentity, AskedEntity> {
    let byShape = this.#bySelection.get(selection);
    if (!byShape) this.#bySelection.set(selection, (byShape = new Map()));
    let entities = byShape.get(shape);
    if (!entities) byShape.set(shape, (entities = new Map()));
    return entities;
  }
}
