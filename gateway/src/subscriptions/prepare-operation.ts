import { Cleanup } from '../cleanup.ts';
import { authorize } from '../pipeline/authorize.ts';
import { document, type DocumentOptions } from '../pipeline/document.ts';
import { plan, type PlanOptions } from '../pipeline/plan.ts';
import type { Identified, Planned } from '../pipeline/stages.ts';

/** Tells how long each stage took, by its name. */
export type OnStage = (name: 'document' | 'authorize' | 'plan') => void;

/** Takes an operation from its text to where it can run, through the same stages as one by HTTP. */
export type PrepareOperation = (identified: Identified, onStage?: OnStage) => Promise<Planned>;

export function createPrepareOperation(options: DocumentOptions & PlanOptions): PrepareOperation {
  const stages = { document: document(options), authorize: authorize(), plan: plan(options) };
  return async (identified, onStage = () => undefined) => {
    const documented = await stages.document(identified);
    onStage('document');
    const authorized = await stages.authorize(documented);
    onStage('authorize');
    const planned = await stages.plan(authorized);
    onStage('plan');
    return planned;
  };
}

/** A call that no client waits for, which leaves behind what it has taken hold of. */
export function quietCall(requestId: string, signal: AbortSignal): Identified['call'] {
  return {
    requestId,
    traceparent: undefined,
    signal,
    cleanup: new Cleanup(),
    defers: false,
    debug: undefined,
  };
}
