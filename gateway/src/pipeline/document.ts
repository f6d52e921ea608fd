import { BadRequest } from '../errors/gateway-errors.ts';
import { coerceVariables, RequestErrors } from '../operations/coerce-variables.ts';
import type { Operation } from '../operations/prepare-document.ts';
import { selectOperation } from '../operations/select-operation.ts';
import type { RunningSupergraph } from '../supergraph/start-supergraph.ts';
import type { Documented, Identified, Stage } from './stages.ts';

export interface DocumentOptions {
  readonly supergraph: Pick<RunningSupergraph, 'current'>;
}

/**
 * Makes an operation of the text, on the supergraph of this moment: the request stays on it to its end.
 *
 * @throws {RequestErrors} for a document or variables that do not fit
 * @throws {CodedError} for an operation that cannot be run this way
 */
export const document =
  ({ supergraph }: DocumentOptions): Stage<Identified, Documented> =>
  (identified) => {
    const { call, params } = identified;
    const generation = supergraph.current();
    call.cleanup.defer(generation.lease());
    const prepared = generation.prepare(params.query);
    if (prepared.errors) throw new RequestErrors(prepared.errors);
    const operation = selectOperation(prepared.operations, params.operationName);
    refuseByTransport(operation, identified);
    const coercedVariables = coerceVariables(operation, params.variables, {
      schema: generation.engine.schema,
      introspection: generation.introspection,
    });
    return { ...identified, generation, operation, coercedVariables };
  };

function refuseByTransport(operation: Operation, { isReadOnly, streams }: Identified): void {
  if (operation.type === 'mutation' && isReadOnly) {
    throw new BadRequest('Expected a mutation to be sent by POST, but got GET').with({
      extensions: { http: { status: 405, headers: { allow: 'POST' } } },
    });
  }
  if (operation.type === 'subscription' && !streams) {
    throw new BadRequest(
      'Expected a query or a mutation, but got a subscription: it needs a transport that streams',
    );
  }
}
