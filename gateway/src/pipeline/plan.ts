import { chooseOverrideLabels } from '../operations/choose-override-labels.ts';
import { untilAborted } from '../until-aborted.ts';
import { clientKeyOf } from './client-key.ts';
import type { Authorized, Planned, Stage } from './stages.ts';

export interface PlanOptions {
  /** The labels of `@override` that are on, besides percentages. @default none */
  readonly overrideLabels?: readonly string[];
  /** How many proxies of ours stand before the gateway. @default none */
  readonly trustedProxies?: number;
}

/**
 * Makes the operation ready to run on its supergraph's engine; most are ready from an earlier request.
 *
 * @throws {OperationTooComplex} for one that cannot be planned within the limits
 */
export const plan = ({
  overrideLabels: labelsOn = [],
  trustedProxies = 0,
}: PlanOptions): Stage<Authorized, Planned> => {
  const isOn = (label: string) => labelsOn.includes(label);
  return (authorized) => {
    const { call, generation, operation, refusals } = authorized;
    const { engine } = generation;
    const overrideLabels = chooseOverrideLabels(engine.overrideLabelsOf(operation), isOn);
    // Clients take turns in planning: one that sends many new operations keeps nobody waiting but itself.
    const client = () => clientKeyOf(authorized, trustedProxies);
    const planned = generation.plan({ operation, refusals, overrideLabels, defers: call.defers, client });
    if (!(planned instanceof Promise)) return { ...authorized, executable: planned };
    return untilAborted(planned, call.signal).then((executable) => ({ ...authorized, executable }));
  };
};
