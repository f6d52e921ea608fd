import { findCycles } from '../find-cycles.ts';
import { isList, isRequired, namedType, type LintRule, type LintedSchema } from '../linted-schema.ts';

/** A chain of required input fields that comes back to its beginning: no finite value can be written for it. */
export const inputCycles: LintRule = {
  name: 'input-cycles',
  severity: 'error',
  *check(schema) {
    for (const [first = '', second = '', ...rest] of findCycles(requiredInputs(schema))) {
      const field = schema.types
        .get(first)
        ?.inputFields.find(({ type }) => isRequired(type) && !isList(type) && namedType(type) === second);
      if (!field) continue;
      yield {
        node: field,
        coordinate: `${first}.${field.name.value}`,
        message: `No value can be written for ${first}: expected a field of ${[first, second, ...rest].join(' → ')} to be nullable or a list`,
      };
    }
  },
};

/** Lists end a cycle even when required, because they may be empty. */
const requiredInputs = (schema: LintedSchema): Map<string, string[]> =>
  new Map(
    schema.ofKind('input').map(({ name, inputFields }) => {
      const required = inputFields.filter(({ type }) => isRequired(type) && !isList(type));
      return [
        name,
        required
          .map(({ type }) => namedType(type))
          .filter((target) => schema.types.get(target)?.kind === 'input'),
      ];
    }),
  );
