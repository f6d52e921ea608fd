import type { GeneratedSupergraph, MemoryRequest, Run } from '@tributary/testkit';

import { SubgraphUnavailable } from '../../../gateway/src/errors/gateway-errors.ts';
import type { SubgraphFetcher } from '../../../gateway/src/engine/engine.ts';
import type {
  FetchContext,
  SubgraphAddress,
  SubgraphAnswer,
  SubgraphRequest,
} from '../../../gateway/src/subgraph-client/subgraph-client.ts';

/** What a run asked of subgraphs, and what it was answered. */
export interface RecordedFetch {
  readonly subgraph: string;
  readonly request: MemoryRequest;
  readonly answer: SubgraphAnswer | undefined;
}

/** Changes requests or answers on their way, as a mistake of an engine would. */
export interface Interference {
  ask?(request: MemoryRequest, subgraph: string): MemoryRequest;
  answer?(answer: SubgraphAnswer, request: MemoryRequest, subgraph: string): SubgraphAnswer;
}

/** A client that reaches generated subgraphs without HTTP. */
export interface MemoryClient {
  readonly client: SubgraphFetcher;
  /** Tells requests apart: what carries this id belongs to the run. */
  begin(requestId: string, run: Run): readonly RecordedFetch[];
  end(requestId: string): void;
}

export function createMemoryClient(
  { subgraphs }: GeneratedSupergraph,
  interference: Interference = {},
): MemoryClient {
  const runs = new Map<string, { run: Run; fetches: RecordedFetch[] }>();
  const answer = async ({ name }: SubgraphAddress, asked: MemoryRequest, requestId: string) => {
    const current = runs.get(requestId);
    const subgraph = subgraphs.get(name);
    if (!current || !subgraph) throw new Error(`Expected a run and a subgraph, but ${name} has none`);
    const { run, fetches } = current;
    const request = interference.ask?.(asked, name) ?? asked;
    const isDown = run.failures.kind === 'down' && run.failures.subgraph === name;
    if (isDown) {
      fetches.push({ subgraph: name, request, answer: undefined });
      throw new SubgraphUnavailable(name, 'is down');
    }
    // Answers arrive in another order than they were asked for.
    if (request.query.length % 3 === 0) await new Promise((resolve) => void setImmediate(resolve));
    const result = await subgraph.execute(request, run);
    const parsed = JSON.parse(JSON.stringify(result)) as SubgraphAnswer;
    const given = interference.answer?.(parsed, request, name) ?? parsed;
    fetches.push({ subgraph: name, request, answer: structuredClone(given) });
    return given;
  };
  const client: SubgraphFetcher = {
    fetch: (subgraph: SubgraphAddress, request: SubgraphRequest, { requestId }: FetchContext) =>
      answer(subgraph, readRequest(request), requestId),
  };
  return {
    client,
    begin: (requestId, run) => {
      const fetches: RecordedFetch[] = [];
      runs.set(requestId, { run, fetches });
      return fetches;
    },
    end: (requestId) => void runs.delete(requestId),
  };
}

/** A request is its text, or (before it was) what the text is made from. */
const readRequest = (request: object): MemoryRequest =>
  'body' in request ? (JSON.parse(String(request.body)) as MemoryRequest) : (request as MemoryRequest);
