export { createOutbox, type NewEvent, type Outbox } from './outbox.ts';
export {
  startRelay,
  type Relay,
  type RelayLogger,
  type RelayOptions,
  type RelayStep,
} from './start-relay.ts';
