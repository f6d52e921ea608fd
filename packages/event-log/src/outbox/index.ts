export { createOutbox, type NewEvent, type Outbox } from './outbox.ts';
export type { RelayLogger, RelayOptions, RelayStep } from './relay-options.ts';
export { startRelay, type Relay } from './start-relay.ts';
