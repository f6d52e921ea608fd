import { describeLeaks } from '../support/chaos/describe-leaks.ts';

describeLeaks({ sockets: 40, rounds: 6, withSaboteurs: true });
