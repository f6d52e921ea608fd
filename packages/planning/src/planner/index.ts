export { formatPlan } from './format-plan.ts';
export { overrideLabelsOf, type OverrideLabelsOf } from './override-labels.ts';
export type { Planner, PlannerOptions, PlanningWait, PlanRequest } from './planner.ts';
export { PlanningError, type PlanningFailureReason } from './planning-error.ts';
export { startPlanner } from './start-planner.ts';
export type {
  ConditionNode,
  DeferNode,
  DeferredNode,
  FetchDataKeyRenamer,
  FetchDataRewrite,
  FetchDataValueSetter,
  FetchNode,
  FlattenNode,
  ParallelNode,
  PlanNode,
  QueryPlan,
  QueryPlanFieldNode,
  QueryPlanInlineFragmentNode,
  QueryPlanSelectionNode,
  SequenceNode,
  SubscriptionNode,
} from '@apollo/query-planner';
