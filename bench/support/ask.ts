import type { StartedProcess } from './start-process.ts';

/** Sends a question to a process that answers one at a time, and waits for its answer. */
export function ask<Answer>(process: StartedProcess, question: object): Promise<Answer> {
  const answer = process.message<Answer>();
  process.send(question);
  return Promise.race([answer, process.ended]);
}
