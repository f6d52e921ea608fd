import { httpAnswer, type HttpAnswerOptions, type RawAnswer } from '../start-raw-subgraph.ts';
import { goodProfile, secret } from './hostile-answer.ts';

/** Sends these and waits. */
export const bytes =
  (...parts: (string | Buffer)[]): RawAnswer =>
  (socket) =>
    void socket.write(Buffer.concat(parts.map((part) => Buffer.from(part))));

/** Sends these and says that there is no more. */
export const closing =
  (...parts: (string | Buffer)[]): RawAnswer =>
  (socket) =>
    void socket.end(Buffer.concat(parts.map((part) => Buffer.from(part))));

/** Sends these and breaks off. */
export const resetting =
  (...parts: string[]): RawAnswer =>
  (socket) => {
    socket.write(parts.join(''), () => socket.resetAndDestroy());
  };

/** A byte at a time, for ever. */
export const dripping =
  (head: string): RawAnswer =>
  (socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write(' '), 10);
    socket.once('close', () => clearInterval(timer));
  };

export const http = (body: string | Buffer, options?: HttpAnswerOptions): RawAnswer =>
  bytes(httpAnswer(body, options));
export const status = (line: string, body: string, type: string): RawAnswer =>
  http(body, { status: line, headers: { 'content-type': type } });
export const json = (value: unknown): RawAnswer => http(JSON.stringify(value));

/** What a subgraph that is well sends. */
export const good = JSON.stringify({ data: { profile: goodProfile } });
/** What proxies send. */
export const html = `<html><body><h1>${secret}</h1></body></html>`;
/** The beginning of an answer whose length is not said yet. */
export const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
/** Lists within lists. */
export const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
