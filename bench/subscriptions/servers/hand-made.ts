// The server that is usually made by hand: graphql-ws over ws, graphql-redis-subscriptions, graphql-js for each subscriber;
// who wrote a comment is asked of the users subgraph over connections that are kept.
// Arguments: port, address of users, address of Redis.
import { createServer } from 'node:http';

import { useServer } from 'graphql-ws/use/ws';
import { Pool } from 'undici';
import { WebSocketServer } from 'ws';

import type { CommentAdded } from '../comment-event.ts';
import { createLiveSchema } from '../live-schema.ts';
import { createTopics } from './topics.ts';

const [port, usersUrl = '', redisUrl = ''] = process.argv.slice(2);
const { origin, pathname } = new URL(usersUrl);
const users = new Pool(origin, { connections: 128 });
const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id name username } } }';

async function fetchAuthor({ author }: CommentAdded): Promise<unknown> {
  const { body } = await users.request({
    path: pathname,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { r: [author] } }),
  });
  const { data } = (await body.json()) as { readonly data: { readonly _entities: readonly unknown[] } };
  return data._entities[0];
}

const schema = createLiveSchema({ peer: 'hand-made', topics: createTopics(redisUrl), author: fetchAuthor });
const server = createServer((_request, response) => response.end('{"data":{"__typename":"Query"}}'));
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
server.listen(Number(port), '127.0.0.1');
