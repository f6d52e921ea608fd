import { chooseOverrideLabels } from '../operations/choose-override-labels.ts';
import type { Authorized, Planned, Stage } from './stages.ts';
import { untilAborted } from '../until-aborted.ts';

export interface PlanOptions {
  /** The labels of `@override` that are on, besides percentages. @default none */
  readonly overrideLabels?: readonly string[];
}

/**
 * Makes the operation ready to run on its supergraph's engine; most are ready from an earlier request.
 *
 * @throws {OperationTooComplex} for one that cannot be planned within the limits
 */
export const plan = ({ overrideLabels: labelsOn = [] }: PlanOptions): Stage<Authorized, Planned> => {
  const isOn = (label: string) => labelsOn.includes(label);
  return (authorized) => {
    const { call, generation, operation, refusals } = authorized;
    const { engine } = generation;
    const overrideLabels = chooseOverrideLabels(engine.overrideLabelsOf(operation), isOn);
    const planned = generation.plan({ operation, refusals, overrideLabels, defers: call.defers });
    if (!(planned instanceof Promise)) return { ...authorized, executable: planned };
    return untilAborted(planned, call.signal).then((executable) => ({ ...authorized, executable }));
  };
};
