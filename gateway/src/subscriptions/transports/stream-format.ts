import type { FormattedError } from '../../errors/format-error.ts';
import type { SharedResult } from '../subscriber-sink.ts';
import type { Framing } from './outbox.ts';

/** How an operation looks on an HTTP response that stays open. */
export interface StreamFormat {
  readonly transport: 'sse' | 'multipart';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent with the headers. */
  readonly opening: string;
  readonly framing: Framing;
  /** What stands before the body of a result. */
  prefixOf(result: SharedResult): Buffer;
  /** Sent when there is nothing to say, so that nobody in between takes the connection for a dead one. */
  readonly heartbeat: string;
  /** The end of an operation that went well. */
  readonly completion: string;
  /** The end of one that did not; `isFirst` when no result went before it. */
  failure(errors: readonly FormattedError[], isFirst: boolean): string;
  /** The end of a connection whose client should come back. */
  farewell(reconnectAfterMs: number): string;
}

/** A message is `prefix`, `body` and what ends it; without a prefix it is the body alone. */
export function createStreamFraming(ending: string): Framing {
  const end = Buffer.from(ending);
  return {
    sizeOf: (prefix, body) => prefix.length + body.length + (prefix.length === 0 ? 0 : end.length),
    copy: (target, start, prefix, body) => {
      target.set(prefix, start);
      target.set(body, start + prefix.length);
      const at = start + prefix.length + body.length;
      if (prefix.length === 0) return at;
      target.set(end, at);
      return at + end.length;
    },
  };
}
