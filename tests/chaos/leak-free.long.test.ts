import { describeLeaks } from '../support/chaos/describe-leaks.ts';

describeLeaks({ sockets: 200, rounds: 10 });
