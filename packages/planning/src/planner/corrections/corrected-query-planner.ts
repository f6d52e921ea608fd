import type * as QueryPlannerModule from '@apollo/query-planner';

import { loadCorrected, type Replacement } from '../../load-corrected.ts';

/**
 * A field with `@requires` is fetched with what it requires, and the planner tries to have what is required answered by
 * the fetch above it. It takes the fetch for able to when its subgraph *has* the fields, which is also so where they are
 * `@external` or require something themselves: then that subgraph is asked for fields that it cannot answer, and for
 * others without what they require. It shows where a chain of requirements leads back to a subgraph,
 * as in `a.s requires c.q requires a.p requires c.x`.
 */
const replacements: readonly Replacement[] = [
  {
    original:
      'const newGroupIsUnneeded = parent.path && groupCopy.selection.canRebaseOn(typeAtPath(parent.group.selection.parentType, parent.path));',
    corrected: `const newGroupIsUnneeded = parent.path
      && groupCopy.selection.canRebaseOn(typeAtPath(parent.group.selection.parentType, parent.path))
      && isAnsweredLocally(groupCopy.selection, typeAtPath(parent.group.selection.parentType, parent.path));`,
  },
  {
    original:
      'if (created.subgraphName === parent.group.subgraphName && parent.group.canMergeChildIn(created)) {',
    corrected: `if (created.subgraphName === parent.group.subgraphName
      && created.parents().length === 1 && parent.group.canMergeChildIn(created)) {`,
  },
  // A fetch that moves up past the one above it takes along what hangs on both: that must go on waiting for the other.
  {
    original:
      'this.mergeInInternal(grandChild, (0, federation_internals_1.concatOperationPaths)(gcGrandParent.path, gcParent.path));',
    corrected: `for (const child of grandChild.children().slice()) child.addParent({ group: gcParent.group });
      this.mergeInInternal(grandChild, federation_internals_1.concatOperationPaths(gcGrandParent.path, gcParent.path));`,
  },
  // Of two fetches with equal inputs that wait for each other the planner may make a cycle: they stay two.
  {
    original: `for (const other of bucket) {
                    group.mergeInWithAllDependencies(other);
                }`,
    corrected: `for (const other of bucket) {
        if (!group.isDescendantOf(other) && !other.isDescendantOf(group)) group.mergeInWithAllDependencies(other);
      }`,
  },
  // The way that moves requirements up needs to know how a fetch hangs on the one above it. Where that is not known,
  // behind a fetch for another requirement, it lost the fetches that it had made: there the plain way is taken.
  {
    original: `let groupCopy;
    if (parents.length === 1 && pathHasOnlyFragments(path.inGroup())) {`,
    corrected: `let groupCopy;
    if (parents.length === 1 && parents[0].path && pathHasOnlyFragments(path.inGroup())) {`,
  },
  {
    original: 'const triedToMerge = parents.length === 1 && pathHasOnlyFragments(path.inGroup());',
    corrected: 'const triedToMerge = result.requiresParent !== undefined;',
  },
  // On that way what is deferred with its object was not, and the planner stopped where it noticed.
  {
    original: `mergeAt: path.inResponse(),
        });
        postRequireGroup.addParents(`,
    corrected: `mergeAt: path.inResponse(),
            deferRef: group.deferRef
        });
        postRequireGroup.addParents(`,
  },
  // What has nothing left to fetch leaves no fragment behind: an empty one is no GraphQL.
  {
    original: `else {
            const mergePathConditionalDirectives =`,
    corrected: `else if (!merged.selection.isEmpty()) {
            const mergePathConditionalDirectives =`,
  },
];

/** Whether a subgraph answers all of a selection by itself, for an object that it found itself. */
const isAnsweredLocally = `
function isAnsweredLocally(selectionSet, type) {
  const metadata = federation_internals_1.federationMetadata(type.schema());
  return selectionSet.selections().every((selection) => {
    if (selection.kind !== 'FieldSelection') {
      const { typeCondition } = selection.element;
      const narrowed = typeCondition && type.schema().type(typeCondition.name);
      return isAnsweredLocally(selection.selectionSet, narrowed || type);
    }
    const { name } = selection.element;
    if (name === federation_internals_1.typenameFieldName) return true;
    const field = type.kind === 'UnionType' ? undefined : type.field(name);
    if (!field || metadata.isFieldExternal(field)) return false;
    if (field.hasAppliedDirective(metadata.requiresDirective())) return false;
    return !selection.selectionSet || isAnsweredLocally(selection.selectionSet, federation_internals_1.baseType(field.type));
  });
}
`;

/**
 * The planner, corrected where no change of its input or output helps. It is a copy of its own: whoever loads the
 * package gets the planner as it was published.
 *
 * @throws {Error} when the published code is not the one that was corrected
 */
export const { QueryPlanner } = loadCorrected('@apollo/query-planner/dist/buildPlan.js', {
  replacements,
  appended: isAnsweredLocally,
}) as Pick<typeof QueryPlannerModule, 'QueryPlanner'>;

/** The class in the published package and its corrected copy have the same type. */
export type QueryPlanner = QueryPlannerModule.QueryPlanner;
