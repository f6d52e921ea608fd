import type { AskedEntity, AskedEntities, Batch, EntitySelection } from './asked-entities.ts';
import type { DataObject } from './data-tree.ts';
import type { Execution } from './execution.ts';
import type { ReadContexts } from './read-contexts.ts';
import type { EntityIdentity, RepresentationReader, RepresentationShape } from './representation.ts';
import type { Walk } from './walk-path.ts';

/** Where the entities of a fetch are, how they are named to the subgraph, and what is asked of them. */
export interface EntitySource {
  readonly selection: EntitySelection;
  /** The same for fetches of the same path. */
  readonly walk: Walk;
  readonly reader: RepresentationReader;
  /** Arguments that come from what stands above the entity (`@fromContext`). */
  readonly readContexts: ReadContexts | undefined;
}

export interface MergeOptions {
  /** On where the same entity answers differently at different places: then no two places may share an object. */
  readonly copiesEntities: boolean;
}

/** What has to be asked for, and what others have asked for already and is on its way. */
export interface CollectedEntities {
  readonly batches: readonly Batch[];
  readonly awaited: ReadonlySet<Promise<void>>;
}

/** Finds the entities of fetches in the tree. Each is asked for once, however many places and fetches want it. */
export function collectEntities(
  sources: readonly EntitySource[],
  execution: Execution,
  { asked, ...options }: MergeOptions & { readonly asked: AskedEntities },
): CollectedEntities {
  const collector = new Collector(options, asked);
  for (const source of sources) collector.collect(source, execution);
  return collector;
}

class Collector implements CollectedEntities {
  readonly batches: Batch[] = [];
  readonly awaited = new Set<Promise<void>>();
  readonly #options: MergeOptions;
  readonly #asked: AskedEntities;
  /** Fetches that leave together are often for the same objects: each path is walked once. */
  readonly #found = new Map<Walk, readonly DataObject[]>();

  constructor(options: MergeOptions, asked: AskedEntities) {
    this.#options = options;
    this.#asked = asked;
  }

  collect(source: EntitySource, execution: Execution): void {
    const { selection, reader } = source;
    const contexts = source.readContexts?.(execution.data);
    // Neighbours are mostly of one type: what is looked up by type is kept until it changes.
    let typename: unknown;
    let shape: RepresentationShape | undefined;
    let known: Map<EntityIdentity, AskedEntity> | undefined;
    for (const target of this.#find(source.walk, execution)) {
      if (!shape || !known || target['__typename'] !== typename) {
        typename = target['__typename'];
        shape = reader.shapeOf(target);
        known = this.#asked.of(selection, shape);
      }
      const context = contexts ? contexts.get(target) : '';
      let identity = context === undefined ? undefined : identityOf(target, shape, context);
      if (identity === undefined || context === undefined) {
        blame(source, target, execution);
        continue;
      }
      let entity = known.get(identity);
      if (entity && shape.isSame && context === '' && !shape.isSame(target, entity.targets[0])) {
        identity = shape.represent(target);
        entity = known.get(identity);
      }
      if (entity && !entity.isFailed) this.#take(entity, target);
      else known.set(identity, this.#ask(selection, context, { target, shape }));
    }
  }

  #find(walk: Walk, { data }: Execution): readonly DataObject[] {
    const known = this.#found.get(walk);
    if (known) return known;
    const found = walk(data);
    this.#found.set(walk, found);
    return found;
  }

  #ask(
    selection: EntitySelection,
    context: string,
    { target, shape }: { readonly target: DataObject; readonly shape: RepresentationShape },
  ): AskedEntity {
    const batch = this.#batchOf(selection, context);
    const representation = shape.represent(target);
    const entity: AskedEntity = {
      batch,
      representation,
      targets: [target],
      entity: undefined,
      isFailed: false,
    };
    batch.entities.push(entity);
    return entity;
  }

  /** Merges what is there, waits for what is on its way. */
  #take({ entity, targets, batch }: AskedEntity, target: DataObject): void {
    if (entity === undefined) {
      targets.push(target);
      if (batch.done) this.awaited.add(batch.done);
    } else if (entity !== null) {
      batch.selection.merge(target, this.#options.copiesEntities ? structuredClone(entity) : entity);
    }
  }

  #batchOf(selection: EntitySelection, context: string): Batch {
    for (const batch of this.batches) {
      if (batch.selection === selection && batch.context === context) return batch;
    }
    const batch: Batch = { selection, context, entities: [], done: undefined };
    this.batches.push(batch);
    return batch;
  }
}

function identityOf(
  target: DataObject,
  shape: RepresentationShape,
  context: string,
): EntityIdentity | undefined {
  const identity = shape.identify(target);
  return context === '' || identity === undefined ? identity : `${context}${shape.represent(target)}`;
}

/** What could not be asked for because something else failed is missing for the same reason. */
function blame({ reader, selection }: EntitySource, target: DataObject, execution: Execution): void {
  if (execution.isUnharmed) return;
  const cause = reader.findCause(target, (parent, key) => execution.failureAt(parent, key));
  if (!cause) return;
  for (const key of selection.operation.keysOf(target['__typename'])) {
    execution.failures.add(target, key, cause.error);
  }
}
