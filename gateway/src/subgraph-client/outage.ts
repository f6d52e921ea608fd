/** What a request to a subgraph came to, as far as it says whether the subgraph is there. */
export type Outcome =
  /** It said something, whatever that was. */
  | 'answered'
  /** There is nobody: refused, broken off, or a proxy that says so. */
  | 'failed'
  | 'timed out'
  /** Nobody waited for the end, or the fault was not the subgraph's. */
  | 'undecided';

// A certificate that is not trusted, or bytes that are no HTTP, will be the same in a moment.
const outages: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/** Whether a request failed since nobody was there, or since they went away. */
export const isOutage = (error: Error): boolean => 'code' in error && outages.has(error.code);

/** Whether a status is one with which proxies say that there is nobody behind them. */
export const isOutageStatus = (status: number): boolean => status >= 502 && status <= 504;
