import { Kind, type FieldNode, type GraphQLSchema, type SelectionNode, type SelectionSetNode } from 'graphql';

import { isDataObject, type DataObject } from './data-tree.ts';
import { isOfType } from './type-conditions.ts';

/** Takes what a selection asks for out of an object; `undefined` when something of it is not there. */
export type PickFields = (object: DataObject) => DataObject | undefined;

/**
 * Compiles the taking of fields that are known already, so that nobody need be asked for them. Only plain fields are
 * taken: what has arguments or a condition depends on more than its name, and what has an alias shares its name.
 *
 * @returns `undefined` for a selection that nothing known could answer
 * @example compilePickFields(parse('{ id author { id } }')…)({ id: '1', author: { id: '2' }, body: '…' })
 * // { id: '1', author: { id: '2' } }
 */
export function compilePickFields(
  selectionSet: SelectionSetNode,
  schema: GraphQLSchema,
): PickFields | undefined {
  if (!isPlain(selectionSet)) return undefined;
  return (object) => {
    const picked: DataObject = {};
    return pick(selectionSet, object, { picked, schema }) ? picked : undefined;
  };
}

const isPlain = ({ selections }: SelectionSetNode): boolean =>
  selections.every(
    (selection) =>
      (selection.directives ?? []).length === 0 &&
      (selection.kind !== Kind.FIELD || (!selection.alias && (selection.arguments ?? []).length === 0)) &&
      (!('selectionSet' in selection) || !selection.selectionSet || isPlain(selection.selectionSet)),
  );

interface Picking {
  readonly picked: DataObject;
  readonly schema: GraphQLSchema;
}

/** @returns whether all was there */
function pick({ selections }: SelectionSetNode, object: DataObject, picking: Picking): boolean {
  return selections.every((selection) => pickSelection(selection, object, picking));
}

function pickSelection(selection: SelectionNode, object: DataObject, picking: Picking): boolean {
  if (selection.kind === Kind.FIELD) return pickField(selection, object, picking);
  if (selection.kind !== Kind.INLINE_FRAGMENT) return false;
  const condition = selection.typeCondition?.name.value;
  const applies = condition === undefined || isOfType(object['__typename'], condition, picking.schema);
  return !applies || pick(selection.selectionSet, object, picking);
}

function pickField({ name, selectionSet }: FieldNode, object: DataObject, picking: Picking): boolean {
  const { picked, schema } = picking;
  const key = name.value;
  if (!Object.hasOwn(object, key)) return false;
  const value = selectionSet
    ? pickNested(object[key], selectionSet, { into: picked[key], schema })
    : object[key];
  if (value === undefined) return false;
  picked[key] = value;
  return true;
}

/** Several fragments may select beneath one field: what they take is joined. */
function pickNested(
  value: unknown,
  selectionSet: SelectionSetNode,
  { into, schema }: { readonly into: unknown; readonly schema: GraphQLSchema },
): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) {
    const items = value.map((item, index) =>
      pickNested(item, selectionSet, { into: Array.isArray(into) ? into[index] : undefined, schema }),
    );
    return items.includes(undefined) ? undefined : items;
  }
  if (!isDataObject(value)) return undefined;
  const picked: DataObject = isDataObject(into) ? into : {};
  return pick(selectionSet, value, { picked, schema }) ? picked : undefined;
}
