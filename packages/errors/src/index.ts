export { CodedError, defineError, type ErrorDetails } from './define-error.ts';
export {
  errorKind,
  errorTable,
  isErrorCode,
  type ErrorClass,
  type ErrorCode,
  type ErrorFamily,
  type ErrorKind,
} from './error-table.ts';
export { ErrorTracker, type ErrorSummary, type TrackedError } from './error-tracker.ts';
export {
  classifyError,
  maskedMessage,
  maskError,
  rootCause,
  toError,
  type ClassifiedError,
  type MaskOptions,
} from './mask-error.ts';
