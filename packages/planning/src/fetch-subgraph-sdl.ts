/** How {@link fetchSubgraphSdl} asks. */
export interface FetchSubgraphSdlOptions {
  /** @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default 10_000 */
  readonly timeoutMs?: number;
}

/**
 * Asks a running subgraph for its schema by `{ _service { sdl } }`. Introspection would lose the directives, and
 * with them keys, ownership and everything else that composition works by.
 *
 * @throws {Error} that says what the subgraph answered instead
 */
export async function fetchSubgraphSdl(
  url: string,
  { headers = {}, timeoutMs = 10_000 }: FetchSubgraphSdlOptions = {},
): Promise<string> {
  const request = { headers, signal: AbortSignal.timeout(timeoutMs) };
  const { status, text } = await ask(url, request).catch((error: unknown) => {
    throw new Error(`expected an answer from ${url}, but got: ${describeCause(error)}`, { cause: error });
  });
  const sdl = sdlOf(text);
  if (sdl !== undefined) return sdl;
  const beginning = text.slice(0, 200);
  throw new Error(`expected { data: { _service: { sdl } } } from ${url}, but got ${status} ${beginning}`);
}

async function ask(
  url: string,
  { headers, signal }: { headers: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<{ status: number; text: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
    signal,
  });
  return { status: response.status, text: await response.text() };
}

function sdlOf(text: string): string | undefined {
  try {
    const answer = JSON.parse(text) as { data?: { _service?: { sdl?: unknown } | null } | null } | null;
    const sdl = answer?.data?._service?.sdl;
    return typeof sdl === 'string' ? sdl : undefined;
  } catch {
    // Not JSON: the caller shows what came.
    return undefined;
  }
}

/** `fetch` says "fetch failed" and keeps the reason inside. */
function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error
    ? cause.message || String((cause as NodeJS.ErrnoException).code)
    : error.message;
}
