import { createLogger } from '@tributary/telemetry';
import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';

import { coerceVariables, RequestErrors } from '../operations/coerce-variables.ts';
import { prepareDocument } from '../operations/prepare-document.ts';
import { OperationTooComplex } from './gateway-errors.ts';
import { createErrorLog, messageForLog } from './log-errors.ts';
import { relayError } from './relay-error.ts';

const canary = 'hunter2';
const schema = buildSchema(`
  input SignIn { name: String! password: String! }
  type Query { a(id: ID, password: String, input: SignIn): Int }
`);
const options = { schema, introspection: true };

const logged = (errors: readonly unknown[]) => {
  const lines: string[] = [];
  createErrorLog(createLogger({ name: 'gateway', destination: { write: (line) => void lines.push(line) } }))(
    errors,
  );
  return lines.join('');
};

const errorsOf = (text: string, variables: Record<string, unknown>): readonly unknown[] => {
  const { errors, operations } = prepareDocument(text, options);
  try {
    if (operations?.[0]) coerceVariables(operations[0], variables, options);
  } catch (error: unknown) {
    if (error instanceof RequestErrors) return error.errors;
  }
  return errors ?? [];
};

it.each([
  ['a variable of a wrong type', 'query ($i: ID) { a(id: $i) }', { i: { x: canary } }],
  ['a field that an input does not have', 'query ($i: SignIn) { a(input: $i) }', { i: { [canary]: canary } }],
  ['a literal of a wrong type', `{ a(id: { x: "${canary}" }) }`, {}],
  ['a literal without its quotes', `{ a(password: ${canary}) }`, {}],
  ['a field', `{ ${canary} }`, {}],
  ['a syntax error beside a string', `{ a(password: "a" ${canary} "${canary}") }`, {}],
  ['a block that is not closed', `{ a(password: """${canary}`, {}],
])('logs and keeps no value that a client sent as %s', (_title, text, variables) => {
  const errors = errorsOf(text, variables);
  expect(errors.length).toBeGreaterThan(0);
  expect(logged(errors)).toMatch(/"code":"\w+".*"locations":\[{"line":1/);
  expect(logged(errors)).not.toContain(canary);
  expect(errors.map(messageForLog).join(' ')).not.toContain(canary);
});

it('says what kind of wrong it was, and what we said ourselves', () => {
  expect(logged(errorsOf('{ b }', {}))).toContain('The document does not fit the schema');
  expect(logged([new OperationTooComplex('Expected less, but got more')])).toContain('Expected less');
});

it('logs no value that a subgraph quotes', () => {
  const error = { message: `"${canary}" is no password`, extensions: { code: 'BAD_USER_INPUT' } };
  expect(logged([relayError(error, 'users')])).not.toContain(canary);
});
