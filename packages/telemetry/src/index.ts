export { createLineWriter, type LineWriter } from './create-line-writer.ts';
export { createLogger, logLevels, type Logger, type LoggerOptions, type LogLevel } from './create-logger.ts';
export {
  createMetrics,
  durationBuckets,
  type Counter,
  type Gauge,
  type Histogram,
  type HistogramOptions,
  type MetricOptions,
  type Metrics,
  type MetricsOptions,
} from './create-metrics.ts';
export {
  PreparedCounter,
  PreparedHistogram,
  type PreparedCount,
  type PreparedObservation,
} from './prepared-metrics.ts';
export { isSecretName, redact, redacted, redactQuery, redactVariables } from './redact.ts';
export { requestIdOf } from './request-id.ts';
export { currentRequest, runInRequest, type RequestScope, type StatementCount } from './request-scope.ts';
