/** The two media types of an answer; they differ in the status of a request that could not be executed. */
export type ResponseMediaType = 'application/json' | 'application/graphql-response+json';

/**
 * What we know of answers in parts, named as clients ask for it in a parameter of `multipart/mixed`: the format of 2022
 * (https://github.com/graphql/graphql-spec/tree/48cf7263a71a683fab03d45d309fd42d8d9a6659/spec), and the one that
 * graphql-js 17 came to (https://specs.apollo.dev/incremental/v0.2/).
 */
export type IncrementalSpec = 'deferSpec=20220824' | 'incrementalSpec=v0.2';

interface Preference {
  readonly range: string;
  readonly parameters: readonly string[];
  readonly weight: number;
}

const offered: readonly ResponseMediaType[] = ['application/json', 'application/graphql-response+json'];

/**
 * Chooses the media type of the answer by the Accept header; `undefined` when it allows neither. Without a header, and
 * where both weigh the same by a wildcard, it is the old application/json, as the GraphQL over HTTP draft wants it.
 *
 * @example
 * acceptableMediaType('application/graphql-response+json, application/json;q=0.9') // the first
 * acceptableMediaType('text/html') // undefined
 */
export function acceptableMediaType(accept = '*/*'): ResponseMediaType | undefined {
  for (const { range } of preferencesOf(accept)) {
    const chosen = offered.find((mediaType) => isInRange(mediaType, range));
    if (chosen) return chosen;
  }
  return undefined;
}

/**
 * Chooses how to answer in parts by the Accept header; `undefined` when the client does not say that it reads parts. One
 * that names no format gets the older one, which all of them read. A wildcard is no such word: whoever sends it would not
 * know what to do with a part.
 *
 * @example acceptableIncrementalSpec('multipart/mixed;deferSpec=20220824, application/json;q=0.9') // 'deferSpec=20220824'
 */
export function acceptableIncrementalSpec(accept = ''): IncrementalSpec | undefined {
  for (const { range, parameters } of preferencesOf(accept)) {
    if (range !== 'multipart/mixed') continue;
    const named = parameters.filter((parameter) => /^\w+spec=/.test(parameter));
    if (named.length === 0 || named.includes('deferspec=20220824')) return 'deferSpec=20220824';
    if (named.includes('incrementalspec=v0.2')) return 'incrementalSpec=v0.2';
  }
  return undefined;
}

/** How an operation may be answered that goes on: https://github.com/enisdenjo/graphql-sse, or Apollo's multipart. */
export type StreamKind = 'sse' | 'multipart';

/**
 * Chooses how to answer a subscription by the Accept header; `undefined` when the client does not say that it reads
 * streams. Some clients name them with every request, beside JSON: for queries that is what they want.
 *
 * @example acceptableStream('multipart/mixed;subscriptionSpec="1.0", application/json') // 'multipart'
 */
export function acceptableStream(accept = ''): StreamKind | undefined {
  for (const { range, parameters } of preferencesOf(accept)) {
    if (range === 'text/event-stream') return 'sse';
    if (range === 'multipart/mixed' && parameters.includes('subscriptionspec=1.0')) return 'multipart';
  }
  return undefined;
}

/**
 * True when the client would rather have a page than JSON: a browser that was pointed at the endpoint.
 *
 * @example prefersHtml('text/html,application/xhtml+xml;q=0.9,*\/*;q=0.8') // true
 */
export function prefersHtml(accept = ''): boolean {
  const best = preferencesOf(accept)[0];
  return best?.range === 'text/html';
}

// Clients send a handful of different ones; whoever makes up others has them read each time.
const knownHeaders = new Map<string, readonly Preference[]>();
const maxKnownHeaders = 100;
const longestKnownHeader = 300;

function preferencesOf(accept: string): readonly Preference[] {
  const known = knownHeaders.get(accept);
  if (known) return known;
  const preferences = readPreferences(accept);
  if (knownHeaders.size < maxKnownHeaders && accept.length <= longestKnownHeader)
    knownHeaders.set(accept, preferences);
  return preferences;
}

/** Ranges by weight, those of equal weight in the order of the header; a range we cannot encode for is left out. */
function readPreferences(accept: string): readonly Preference[] {
  return accept
    .toLowerCase()
    .split(',')
    .map(readPreference)
    .filter((preference) => preference !== undefined)
    .toSorted((a, b) => b.weight - a.weight);
}

function readPreference(text: string): Preference | undefined {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().replaceAll('"', ''));
  const valueOf = (name: string) =>
    parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
  const charset = valueOf('charset') ?? 'utf-8';
  const weight = Number(valueOf('q') ?? 1);
  const isWanted = range !== '' && weight > 0 && (charset === 'utf-8' || charset === 'utf8');
  return isWanted ? { range, parameters, weight } : undefined;
}

const isInRange = (mediaType: string, range: string): boolean =>
  range === mediaType || range === '*/*' || range === 'application/*';
