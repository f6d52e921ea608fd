import postgres from 'postgres';

import { currentRequest } from '@tributary/telemetry';

import { DatabaseUnavailable } from './database-errors.ts';
import { knowArrays } from './know-arrays.ts';

/**
 * What repositories write SQL with: postgres.js, every statement counted. What a database that is down or too slow
 * says is thrown as {@link DatabaseUnavailable}.
 */
export type Sql = postgres.Sql | postgres.TransactionSql;

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** Connections of this process. @default 10 */
  readonly poolSize?: number;
  /** The database gives a statement up after this. @default 5000 */
  readonly statementTimeoutMs?: number;
  /** The name that the database shows for our sessions. */
  readonly applicationName?: string;
  /** Told of every statement that is sent. */
  readonly onStatement?: () => void;
}

/** A subgraph's own PostgreSQL. */
export interface Database {
  readonly sql: postgres.Sql;
  /**
   * Runs work in one transaction: committed when the work resolves, rolled back when it throws. What is inside must
   * use the `sql` that it is given.
   */
  transaction<T>(work: (sql: postgres.TransactionSql) => Promise<T>): Promise<T>;
  /** Resolves when the database answers, throws what it said otherwise. */
  ping(): Promise<void>;
  /** Lets running statements end, then closes the connections. */
  stop(): Promise<void>;
}

/**
 * Opens a pool to a subgraph's own database. Nothing is connected until the first statement, and a connection that
 * is lost is made anew by the next one, so an outage ends without a restart.
 */
export function createDatabase(options: DatabaseOptions): Database {
  const { url, poolSize = 10, statementTimeoutMs = 5000, applicationName = 'tributary' } = options;
  const inner = postgres(url, {
    max: poolSize,
    idle_timeout: 30,
    connect_timeout: 5,
    // Waits longer than this between attempts would keep a subgraph down after its database is back.
    backoff: (attempts) => Math.min(0.1 * 2 ** attempts, 2),
    onnotice: () => {},
    // See knowArrays, which does what this would.
    fetch_types: false,
    connection: { application_name: applicationName, statement_timeout: statementTimeoutMs },
  });
  knowArrays(inner.options);
  const sql = watched(inner, options.onStatement);
  return {
    sql,
    transaction: async (work) => {
      try {
        // postgres.js types the result as its own unwrapped kind; what a Promise of T gives is T.
        const result = await inner.begin((tx) => work(watched(tx, options.onStatement)));
        return result as Awaited<ReturnType<typeof work>>;
      } catch (error: unknown) {
        // Begin and commit are sent by postgres.js itself.
        throw codedIfUnavailable(error);
      }
    },
    ping: async () => {
      await inner`select 1`;
    },
    stop: () => inner.end({ timeout: 5 }),
  };
}

/** A statement of postgres.js before it is sent: a promise that starts when it is first waited for. */
interface PendingStatement {
  handle(): unknown;
  reject(error: unknown): void;
  readonly executed?: boolean;
  readonly strings: readonly string[];
  readonly args: readonly unknown[];
}

/**
 * Wraps the tag so that each statement is counted when it is sent, and fails with a coded error when the database is
 * to blame. Counting in the tag itself would also count the fragments that a statement is put together from, and
 * postgres.js's own `debug` hook runs outside the request.
 */
function watched<S extends Sql>(sql: S, onStatement: DatabaseOptions['onStatement']): S {
  return new Proxy(sql, {
    apply(target, self, args: unknown[]) {
      const made: unknown = Reflect.apply(target as (...values: unknown[]) => unknown, self, args);
      if (isPending(made)) watch(made, onStatement);
      return made;
    },
  });
}

function watch(statement: PendingStatement, onStatement: DatabaseOptions['onStatement']): void {
  const { handle, reject } = statement;
  statement.handle = () => {
    if (!statement.executed) {
      onStatement?.();
      countInRequest(statement);
    }
    return handle.call(statement);
  };
  statement.reject = (error) => reject.call(statement, codedIfUnavailable(error));
}

/** Here, where it arises: whoever asked, a loader or a list, the client learns that trying again makes sense. */
const codedIfUnavailable = (error: unknown): unknown =>
  DatabaseUnavailable.isCause(error) ? DatabaseUnavailable.from(error) : error;

/** With its text as written, never with its values, where somebody wants to read it. */
function countInRequest(statement: PendingStatement): void {
  const statements = currentRequest()?.statements;
  if (!statements) return;
  statements.count += 1;
  statements.texts?.push(textOf(statement).replaceAll(/\s+/g, ' ').trim());
}

const isPending = (made: unknown): made is PendingStatement => made instanceof Promise && 'handle' in made;

/** The statement with its fragments in place and `$` for each value. */
const textOf = ({ strings, args }: PendingStatement): string =>
  strings
    .map((text, index) => {
      if (index === 0) return text;
      const value = args[index - 1];
      return `${isPending(value) ? textOf(value) : '$'}${text}`;
    })
    .join('');
