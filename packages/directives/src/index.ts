export { argumentOf, directivesByCoordinate, typesOf, type TypeNode } from './applications.ts';
export {
  channelOf,
  encodeChannelName,
  maxChannels,
  parseChannelTemplate,
  type ChannelTemplate,
} from './events/channel-template.ts';
export { parseEventFilter, type EventFilter } from './events/event-filter.ts';
export { printPath, type EventPath, type EventPrincipal, type EventScope } from './events/event-path.ts';
export { eventSourcesOf, type EventChannel, type EventSource } from './events/event-sources.ts';
export { GrammarError } from './events/grammar-error.ts';
export { readLinks, type LinkedFeature } from './links.ts';
export { graphNames, linkedSubgraphs, recordOfLinks } from './linked-subgraphs.ts';
export { isOurs, specification } from './specification.ts';
