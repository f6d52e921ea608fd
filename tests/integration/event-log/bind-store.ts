import type { LogStore } from '@tributary/event-log';

/** A store whose methods can be put into another object. */
export const bind = (store: LogStore): LogStore => ({
  append: (...args) => store.append(...args),
  partitions: () => store.partitions(),
  bounds: (partition) => store.bounds(partition),
  page: (...args) => store.page(...args),
  listen: (listener) => store.listen(listener),
  stop: () => store.stop(),
});
