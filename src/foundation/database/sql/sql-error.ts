/** What PostgreSQL says about a failed statement; both engines give the same fields. */
export interface SqlErrorFields {
  readonly message: string;
  /** SQLSTATE, for example 23505 for a duplicate key. */
  readonly code?: string | undefined;
  readonly severity?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly position?: string | undefined;
  readonly where?: string | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly constraint?: string | undefined;
}

const NAMES = [
  'code',
  'severity',
  'detail',
  'hint',
  'position',
  'where',
  'schema',
  'table',
  'column',
  'constraint',
] as const satisfies readonly (keyof SqlErrorFields)[];

/** A statement that the database refused. The session stays usable (inside a transaction: after its rollback). */
export class SqlError extends Error implements SqlErrorFields {
  declare readonly code?: string | undefined;
  declare readonly severity?: string | undefined;
  declare readonly detail?: string | undefined;
  declare readonly hint?: string | undefined;
  declare readonly position?: string | undefined;
  declare readonly where?: string | undefined;
  declare readonly schema?: string | undefined;
  declare readonly table?: string | undefined;
  declare readonly column?: string | undefined;
  declare readonly constraint?: string | undefined;

  constructor(fields: SqlErrorFields, cause?: unknown) {
    super(fields.message, cause === undefined ? undefined : { cause });
    this.name = 'SqlError';
    Object.assign(this, sqlErrorFields(fields));
  }
}

/** The fields alone, fit to be sent to another thread. */
export function sqlErrorFields(error: SqlErrorFields): SqlErrorFields {
  const fields: Record<string, string> = { message: error.message };
  for (const name of NAMES) {
    const value = error[name];
    if (value !== undefined) fields[name] = value;
  }
  return fields as unknown as SqlErrorFields;
}
