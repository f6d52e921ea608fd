import { Pool, type Dispatcher } from 'undici';

/** Sends one request to a subgraph, by name, and gives its data. */
export type Fetcher = <Data>(subgraph: string, body: string) => Promise<Data>;

/** As little as undici can do: no streams, no promise for the body. */
export function createFetcher(urls: Readonly<Record<string, string>>): Fetcher {
  const pools = new Map(
    Object.entries(urls).map(([name, url]) => [name, new Pool(new URL(url).origin, { connections: 128 })]),
  );
  return <Data>(subgraph: string, body: string) => {
    const pool = pools.get(subgraph);
    if (!pool) return Promise.reject(new Error(`Expected to know where ${subgraph} is`));
    return new Promise<Data>((resolve, reject) => {
      pool.dispatch(
        { path: '/graphql', method: 'POST', headers: ['content-type', 'application/json'], body },
        collect((text) => resolve((JSON.parse(text) as { readonly data: Data }).data), reject),
      );
    });
  };
}

function collect(
  onText: (text: string) => void,
  onError: (error: Error) => void,
): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = [];
  return {
    onRequestStart: () => {},
    onResponseStart: () => {},
    onResponseData: (_controller, chunk) => void chunks.push(chunk),
    onResponseEnd: () => {
      const [first] = chunks;
      onText((chunks.length === 1 && first ? first : Buffer.concat(chunks)).toString());
    },
    onResponseError: (_controller, error) => onError(error),
  };
}
