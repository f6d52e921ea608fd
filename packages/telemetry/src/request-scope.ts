import { AsyncLocalStorage } from 'node:async_hooks';

/** What belongs to one request wherever its code runs: log lines and counters find it without being handed it. */
export interface RequestScope {
  readonly requestId: string;
  /** Counts the SQL statements of this request, for tests and for the debug context. @default not counted */
  readonly statements?: StatementCount;
}

/** Grows by one with every statement; `texts` is filled only where somebody wants to read them. */
export interface StatementCount {
  count: number;
  readonly texts?: string[];
}

const scopes = new AsyncLocalStorage<RequestScope>();

/**
 * Runs `work` so that everything it starts, however deep and however late, belongs to the request.
 *
 * @example runInRequest({ requestId: 'abc12345' }, () => currentRequest()?.requestId) // 'abc12345'
 */
export const runInRequest = <T>(scope: RequestScope, work: () => T): T => scopes.run(scope, work);

/** The request that the running code belongs to; `undefined` outside of one, for example in a timer of a start. */
export const currentRequest = (): RequestScope | undefined => scopes.getStore();
