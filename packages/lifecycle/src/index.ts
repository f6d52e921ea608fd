export { describeStartFailure } from './describe-start-failure.ts';
export { runProcess, type ReadyMessage, type RunningService, type StartService } from './run-process.ts';
