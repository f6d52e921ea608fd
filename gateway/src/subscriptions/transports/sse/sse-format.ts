import { createStreamFraming, type StreamFormat } from '../stream-format.ts';

const data = 'event: next\ndata: ';
const completion = 'event: complete\ndata: \n\n';

/**
 * Server-sent events as graphql-sse has them in its distinct connections mode: `next` and `complete`, errors in a `next`
 * (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md). The cursor of a result is the id of its event, so
 * that whoever keeps it (a browser's EventSource by itself) sends it back as Last-Event-ID.
 */
export const sseFormat: StreamFormat = {
  transport: 'sse',
  headers: { 'content-type': 'text/event-stream; charset=utf-8' },
  opening: ':\n\n',
  framing: createStreamFraming('\n\n'),
  prefixOf: ({ cursor }) => Buffer.from(cursor === undefined ? data : `id: ${cursor}\n${data}`),
  heartbeat: ':\n\n',
  completion,
  failure: (errors) => {
    const formatted = errors.map((error) => error.formatted);
    return `${data}${JSON.stringify({ errors: formatted })}\n\n${completion}`;
  },
  // Without `complete`: the client takes it for a connection that was lost, and comes back.
  farewell: (reconnectAfterMs) => `retry: ${reconnectAfterMs}\n\n`,
};
