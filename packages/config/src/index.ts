export { checkConfig, ConfigError } from './check-config.ts';
export { readEnvironment } from './read-environment.ts';
export {
  SettingsReader,
  type Environment,
  type NumberOptions,
  type SettingOptions,
} from './settings-reader.ts';
