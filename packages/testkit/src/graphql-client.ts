/** An answer as a client reads it. */
export interface GraphQLAnswer<Data = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Data | null;
  readonly errors?: readonly GraphQLAnswerError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface GraphQLAnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface GraphQLRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Posts an operation to an endpoint, the way any client does.
 *
 * @param url with its path: `http://127.0.0.1:4000/graphql`
 */
export async function postGraphQL<Data = Record<string, unknown>>(
  url: string,
  { headers, signal, ...body }: GraphQLRequest,
): Promise<GraphQLAnswer<Data>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  const answer = (await response.json()) as object;
  return { status: response.status, headers: response.headers, ...answer };
}
