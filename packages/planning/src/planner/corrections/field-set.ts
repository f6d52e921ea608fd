import { Kind, parse, print, stripIgnoredCharacters, type SelectionSetNode } from 'graphql';

/** Parses what `@requires(fields:)` and its like hold: selections, with or without braces around them. */
export function parseFieldSet(text: string): SelectionSetNode {
  const braced = text.trim().startsWith('{') ? text : `{${text}}`;
  const [operation] = parse(braced, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION)
    throw new Error(`Expected a set of fields, but got ${text}`);
  return operation.selectionSet;
}

/** The opposite: without braces. */
export const printFieldSet = (selectionSet: SelectionSetNode): string =>
  stripIgnoredCharacters(print(selectionSet)).slice(1, -1);
