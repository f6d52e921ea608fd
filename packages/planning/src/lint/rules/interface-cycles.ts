import { findCycles } from '../find-cycles.ts';
import type { LintRule } from '../linted-schema.ts';

/** An interface that implements itself, directly or by way of others. Cycles of object types are normal graphs. */
export const interfaceCycles: LintRule = {
  name: 'interface-cycles',
  severity: 'error',
  *check(schema) {
    const edges = new Map(
      schema
        .ofKind('interface')
        .map(({ name, interfaces }) => [name, interfaces.map((node) => node.name.value)]),
    );
    for (const cycle of findCycles(edges)) {
      const [first = ''] = cycle;
      const type = schema.types.get(first);
      if (!type) continue;
      yield {
        node: type.node,
        coordinate: first,
        message: `Expected interfaces that do not implement themselves, but got ${cycle.join(' → ')}`,
      };
    }
  },
};
