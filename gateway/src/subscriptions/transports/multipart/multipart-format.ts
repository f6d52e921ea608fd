import { createStreamFraming, type StreamFormat } from '../stream-format.ts';

const delimiter = '\r\n--graphql';
const head = 'content-type: application/json\r\n\r\n';
const closing = `${delimiter}--\r\n`;

const part = (body: object, end: string = `${delimiter}\r\n`): string =>
  `${head}${JSON.stringify(body)}${end}`;

const payloadPrefix = Buffer.from(`${head}{"payload":`);

/**
 * Multipart HTTP as Apollo's clients read subscriptions
 * (https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol). A delimiter goes out
 * with the part that it ends: clients read a part only then.
 */
export const multipartFormat: StreamFormat = {
  transport: 'multipart',
  headers: { 'content-type': 'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"' },
  opening: `${delimiter}\r\n`,
  framing: createStreamFraming(`}${delimiter}\r\n`),
  prefixOf: () => payloadPrefix,
  heartbeat: part({}),
  completion: part({}, closing),
  // What came before the first result is an answer; what ends a stream that ran is a failure of the stream.
  failure: (errors, isFirst) => {
    const formatted = errors.map((error) => error.formatted);
    return part(isFirst ? { payload: { errors: formatted } } : { payload: null, errors: formatted }, closing);
  },
  // Without the closing delimiter: the client sees that there should have been more.
  farewell: () => '',
};
