export { loadSchemaFiles, SchemaFilesError, type SchemaFiles } from './load-schema-files.ts';
