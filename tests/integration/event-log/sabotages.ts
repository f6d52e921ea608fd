import type { LogStore } from '@tributary/event-log';

import { bind } from './bind-store.ts';

/** A store that does not tell of some of what is appended, by the number of the notice. */
export const dropNotices =
  (isLost: (index: number) => boolean) =>
  (store: LogStore): LogStore => ({
    ...bind(store),
    listen: (listener) => {
      let index = 0;
      return store.listen({
        appended: (...notice) => {
          index += 1;
          if (!isLost(index - 1)) listener.appended(...notice);
        },
        missed: () => listener.missed(),
      });
    },
  });
