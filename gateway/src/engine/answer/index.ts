export {
  compileAnswer,
  type AnswerPart,
  type AnswerRequest,
  type AnswerWriter,
  type LaterPart,
  type WrittenAnswer,
} from './compile-answer.ts';
export { Failures, type Failure } from './failures.ts';
export { normalizeOperation, type NormalizedOperation } from './normalize-operation.ts';
export type { Refusals } from './refusals.ts';
