// What is behind the gateways, in one process: the subgraphs, each on a port of its own; what the comments subgraph
// publishes by itself over graphql-ws; and whoever makes the events. Arguments: SourceOptions (JSON).
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { useServer } from 'graphql-ws/use/ws';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';

import { openEventLog, partitionOf, type LoggedEvent } from '../../../packages/event-log/src/index.ts';
import { executableSubgraph } from '../../gateway/graphs/executable.ts';
import { channelOf, commentAdded, nowMicros, topicOf, type CommentAdded } from '../comment-event.ts';
import { subgraphsOver } from '../graph.ts';
import { createLiveSchema } from '../live-schema.ts';
import type { SourceAnswer, SourceOptions, SourceQuestion } from '../source.ts';
import { createTopics } from './topics.ts';

const { eventsUrl, redisUrl } = JSON.parse(process.argv[2] ?? '') as SourceOptions;
const log = openEventLog({ url: eventsUrl });
const redis = redisUrl === undefined ? undefined : new Redis(redisUrl);

// Subgraphs

const comments = new Map<string, CommentAdded>();
const maxComments = 50_000;
const fetches: Record<string, number> = {};

function remember(comment: CommentAdded): void {
  if (comments.size >= maxComments) comments.clear();
  comments.set(comment.id, comment);
}

async function listen(server: Server): Promise<string> {
  // Longer than any pause between rounds: a gateway must not meet a connection that is just being closed.
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

const urls: Record<string, string> = {};
for (const subgraph of subgraphsOver((id) => comments.get(id))) {
  const { name } = subgraph;
  const execute = executableSubgraph(subgraph);
  // Users are few and stay as they are, so each body is executed once; a comment is asked for when it is new.
  const answers = new Map<string, Buffer>();
  const answerBody = (body: string): Buffer => {
    const known = answers.get(body);
    if (known) return known;
    const made = Buffer.from(JSON.stringify(execute(JSON.parse(body) as Parameters<typeof execute>[0])));
    if (name === 'users') answers.set(body, made);
    return made;
  };
  const server = createServer((request, response) => {
    // Whoever asks how we are.
    if (request.method !== 'POST') {
      response.end('{"data":{"__typename":"Query"}}');
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      if (body.includes('_entities')) fetches[name] = (fetches[name] ?? 0) + 1;
      const bytes = answerBody(body);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
      response.end(bytes);
    });
  });
  if (name === 'comments' && redisUrl !== undefined) {
    const schema = createLiveSchema({ peer: 'hive', topics: createTopics(redisUrl) });
    useServer({ schema }, new WebSocketServer({ server, path: '/subscriptions' }));
  }
  urls[name] = await listen(server);
}

// Events

const seqs = new Map<string, number>();
const ends = new Map<string, number>();

function nextComment(peer: string, postId: string): CommentAdded {
  const topic = topicOf(peer, postId);
  const seq = (seqs.get(topic) ?? 0) + 1;
  seqs.set(topic, seq);
  const comment = commentAdded(postId, seq, nowMicros());
  remember(comment);
  return comment;
}

function toEvent(comment: CommentAdded): LoggedEvent {
  const { id, postId, body, author } = comment;
  const entity = { __typename: 'Comment', id };
  const partition = partitionOf('comments', entity);
  const seq = (ends.get(partition) ?? 0) + 1;
  ends.set(partition, seq);
  const event = {
    id: crypto.randomUUID(),
    channel: channelOf(postId),
    type: 'CommentAdded',
    occurredAt: new Date().toISOString(),
    source: 'comments',
    entity,
    touches: [{ __typename: 'Post', id: postId }, { ...author }],
    data: { id, body, author: { ...author } },
  };
  return { position: { partition, seq }, event };
}

async function publishMessage(topic: string, text: string): Promise<void> {
  await redis?.publish(topic, text);
}

async function publish(peer: string, made: readonly CommentAdded[]): Promise<void> {
  if (peer === 'tributary') await log.appendAll(made.map(toEvent));
  else {
    await Promise.all(
      made.map((comment) => publishMessage(topicOf(peer, comment.postId), JSON.stringify(comment))),
    );
  }
}

/** Publishes at a steady pace, to each post in turn. */
async function stream(question: Extract<SourceQuestion, { type: 'stream' }>): Promise<void> {
  const { peer, posts, eventsPerSecond, seconds } = question;
  const total = Math.round(eventsPerSecond * seconds);
  const startedAt = performance.now();
  const appending: Promise<void>[] = [];
  for (let made = 0; made < total;) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1000) * eventsPerSecond));
    const batch: CommentAdded[] = [];
    for (; made < due; made += 1) batch.push(nextComment(peer, String((made % posts) + 1)));
    if (batch.length > 0) appending.push(publish(peer, batch));
    const untilNext = (made / eventsPerSecond) * 1000 - (performance.now() - startedAt);
    await delay(Math.max(1, untilNext));
  }
  await Promise.all(appending);
}

async function carryOut(question: SourceQuestion): Promise<void> {
  switch (question.type) {
    case 'burst': {
      const { peer, posts, count } = question;
      const each = Array.from({ length: posts }, (_, index) => String(index + 1));
      await publish(
        peer,
        each.flatMap((postId) => Array.from({ length: count }, () => nextComment(peer, postId))),
      );
      return;
    }
    case 'stream':
      return stream(question);
    case 'read':
  }
}

async function answer(question: SourceQuestion): Promise<void> {
  await carryOut(question);
  const { peer } = question;
  const last = Object.fromEntries([...seqs].filter(([topic]) => topic.startsWith(`${peer}.`)));
  process.send?.({ type: 'done', last, fetches: { ...fetches } } satisfies SourceAnswer);
}

process.on('message', (question: SourceQuestion) => void answer(question));
process.send?.({ type: 'ready', urls });
