import type { StringValueNode } from 'graphql';

import { hasDirective, type Finding, type LintRule } from '../linted-schema.ts';

/** Every type and field that clients see says what it is. */
export const descriptions: LintRule = {
  name: 'descriptions',
  severity: 'warning',
  *check(schema) {
    for (const type of schema.types.values()) {
      if (hasDirective(type, 'inaccessible')) continue;
      const isDescribable = !schema.isRoot(type.name) && !type.node.kind.endsWith('Extension');
      if (isDescribable && isEmpty(type.description)) yield undescribed(type.node, type.name);
      for (const field of [...type.fields, ...type.inputFields]) {
        // What is external is described by the subgraph that resolves it.
        if (hasDirective(field, 'inaccessible') || hasDirective(field, 'external')) continue;
        if (isEmpty(field.description)) yield undescribed(field, `${type.name}.${field.name.value}`);
      }
    }
  },
};

const isEmpty = (description: StringValueNode | undefined) => !description?.value.trim();

const undescribed = (node: Finding['node'], coordinate: string): Finding => ({
  node,
  coordinate,
  message: `Expected a description of ${coordinate}, but it has none`,
});
