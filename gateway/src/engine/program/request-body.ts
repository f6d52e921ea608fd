import type { Execution } from './execution.ts';
import type { VariableUse } from './fetch-operation.ts';

/** `"a":1,"b":2`: those of the variables that the client gave. */
export function variablesText(variables: readonly VariableUse[], execution: Execution): string {
  let text = '';
  for (const { name } of variables) {
    const each = execution.variableText(name);
    if (each !== undefined) text += text === '' ? each : `,${each}`;
  }
  return text;
}
