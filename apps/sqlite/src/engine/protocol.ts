/**
 * What travels between the main process and an engine process: JSON values only.
 *
 * A job is what a tool asks for; `Answers[kind]` is what it gets. Answers use the documented field names of the tools'
 * `structuredContent`, so that a tool hands them on without copying. SQL in a job has passed the gate and starts at its
 * first keyword. `database` is the name a caller used; without it the first configured database is meant.
 *
 * This file holds types only: engine processes and the main process both load it.
 */
import type {
  BackupAnswer,
  BackupJob,
  CheckDatabaseAnswer,
  CheckDatabaseJob,
  ExportQueryAnswer,
  ExportQueryJob,
  ImportCsvAnswer,
  ImportCsvJob,
} from "./protocol-files.ts";
import type {
  DdlAnswer,
  DdlJob,
  QueryAnswer,
  QueryJob,
  TransactionAnswer,
  TransactionJob,
  WriteAnswer,
  WriteJob,
} from "./protocol-rows.ts";
import type {
  CheckStatementAnswer,
  CheckStatementJob,
  DatabaseInfoAnswer,
  DatabaseInfoJob,
  DescribeTableAnswer,
  DescribeTableJob,
  ExplainAnswer,
  ExplainJob,
  ListTablesAnswer,
  ListTablesJob,
  ProfileTableAnswer,
  ProfileTableJob,
  SchemaTextAnswer,
  SchemaTextJob,
  SchemaVersionAnswer,
  SchemaVersionJob,
  SearchSchemaAnswer,
  SearchSchemaJob,
  TableNamesAnswer,
  TableNamesJob,
} from "./protocol-schema.ts";

export type * from "./protocol-files.ts";
export type * from "./protocol-rows.ts";
export type * from "./protocol-schema.ts";

/** Every job a tool may send. */
export type Job =
  | QueryJob
  | WriteJob
  | TransactionJob
  | DdlJob
  | ListTablesJob
  | DescribeTableJob
  | SearchSchemaJob
  | SchemaTextJob
  | TableNamesJob
  | DatabaseInfoJob
  | SchemaVersionJob
  | ProfileTableJob
  | ExplainJob
  | CheckStatementJob
  | ImportCsvJob
  | ExportQueryJob
  | BackupJob
  | CheckDatabaseJob;

export type JobKind = Job["kind"];

/** What each kind of job answers. */
export interface Answers {
  readonly query: QueryAnswer;
  readonly write: WriteAnswer;
  readonly transaction: TransactionAnswer;
  readonly ddl: DdlAnswer;
  readonly list_tables: ListTablesAnswer;
  readonly describe_table: DescribeTableAnswer;
  readonly search_schema: SearchSchemaAnswer;
  readonly schema_text: SchemaTextAnswer;
  readonly table_names: TableNamesAnswer;
  readonly database_info: DatabaseInfoAnswer;
  readonly schema_version: SchemaVersionAnswer;
  readonly profile_table: ProfileTableAnswer;
  readonly explain: ExplainAnswer;
  readonly check_statement: CheckStatementAnswer;
  readonly import_csv: ImportCsvAnswer;
  readonly export_query: ExportQueryAnswer;
  readonly backup_database: BackupAnswer;
  readonly check_database: CheckDatabaseAnswer;
}

/** The job of one kind. */
export type JobOf<Kind extends JobKind> = Extract<Job, { readonly kind: Kind }>;
