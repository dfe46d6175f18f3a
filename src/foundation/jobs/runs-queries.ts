import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../database/tables.ts';
import type { Run, RunFailure, RunProgress, RunState, RunSummary } from './run.ts';

/** A run as one process holds it. Every write names worker and attempt, so whoever was overtaken writes nothing. */
export interface Claim {
  readonly id: string;
  readonly kind: string;
  readonly input: object;
  readonly worker: string;
  readonly attempt: number;
}

export interface RunFilter {
  readonly collectionId?: number | undefined;
  readonly kind?: string | undefined;
  readonly state?: RunState | undefined;
}

interface SummaryRow {
  id: string;
  kind: string;
  collection: string | null;
  state: RunState;
  progress: RunProgress | null;
  error: RunFailure | null;
  cancel_requested: boolean;
  attempts: number;
  created_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
}

const SUMMARY = sql`r.id, r.kind, c.name as collection, r.state, r.progress, r.error, r.cancel_requested, r.attempts,
  r.created_at, r.started_at, r.ended_at from runs r left join collections c on c.id = r.collection_id`;

const toSummary = (row: SummaryRow): RunSummary => ({
  id: row.id,
  kind: row.kind,
  collection: row.collection,
  state: row.state,
  progress: row.progress,
  error: row.error,
  cancelRequested: row.cancel_requested,
  attempts: row.attempts,
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
});

const jsonOrNull = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

/** False when as many runs wait already. */
export async function insertRun(
  db: Db,
  run: { id: string; kind: string; collectionId: number | null; input: object; at: Date },
  maxQueued: number,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into runs (id, kind, collection_id, state, input, created_at)
    select ${run.id}::uuid, ${run.kind}::text, ${run.collectionId}::integer, 'queued', ${JSON.stringify(run.input)}::jsonb,
      ${run.at}::timestamptz
    where (select count(*) from runs where state = 'queued') < ${maxQueued}::integer`.execute(db);
  return numAffectedRows === 1n;
}

export async function findRun(db: Db, id: string): Promise<Run | null> {
  const { rows } = await sql<SummaryRow & { input: object; result: object | null }>`
    select r.input, r.result, ${SUMMARY} where r.id = ${id}::uuid`.execute(db);
  const [row] = rows;
  return row === undefined ? null : { ...toSummary(row), input: row.input, result: row.result };
}

export async function findRunSummary(db: Db, id: string): Promise<RunSummary | null> {
  const { rows } = await sql<SummaryRow>`select ${SUMMARY} where r.id = ${id}::uuid`.execute(db);
  return rows[0] === undefined ? null : toSummary(rows[0]);
}

/** Newest first: the ids are ordered by time. */
export async function listRuns(
  db: Db,
  filter: RunFilter,
  before: string | undefined,
  limit: number,
): Promise<RunSummary[]> {
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (filter.collectionId !== undefined) conditions.push(sql`r.collection_id = ${filter.collectionId}::integer`);
  if (filter.kind !== undefined) conditions.push(sql`r.kind = ${filter.kind}::text`);
  if (filter.state !== undefined) conditions.push(sql`r.state = ${filter.state}::text`);
  if (before !== undefined) conditions.push(sql`r.id < ${before}::uuid`);
  const { rows } = await sql<SummaryRow>`
    select ${SUMMARY} where ${sql.join(conditions, sql` and `)} order by r.id desc limit ${limit}::integer`.execute(db);
  return rows.map(toSummary);
}

/** The next run that waits or whose process is silent; null when there is none. Nobody else gets the same one. */
export async function claimRun(
  db: Db,
  worker: string,
  kinds: readonly string[],
  now: Date,
  leaseUntil: Date,
): Promise<Claim | null> {
  const { rows } = await sql<{ id: string; kind: string; input: object; attempts: number }>`
    update runs set state = 'running', worker = ${worker}::text, attempts = attempts + 1,
      lease_until = ${leaseUntil}::timestamptz, started_at = coalesce(started_at, ${now}::timestamptz)
    where id = (
      select id from runs
      where state in ('queued', 'running') and kind = any(${[...kinds]}::text[])
        and (state = 'queued' or lease_until is null or lease_until < ${now}::timestamptz)
      order by created_at, id limit 1 for update skip locked)
    returning id, kind, input, attempts`.execute(db);
  const [row] = rows;
  return row === undefined ? null : { id: row.id, kind: row.kind, input: row.input, worker, attempt: row.attempts };
}

/** Ends runs that nobody works on and nobody shall begin again. Returns their ids. */
export async function endAbandoned(
  db: Db,
  now: Date,
  maxAttempts: number,
  failure: RunFailure,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    update runs set state = case when cancel_requested then 'cancelled' else 'failed' end,
      error = case when cancel_requested then null else ${JSON.stringify(failure)}::jsonb end,
      worker = null, lease_until = null, ended_at = ${now}::timestamptz
    where id in (
      select id from runs
      where state = 'running' and lease_until < ${now}::timestamptz
        and (cancel_requested or attempts >= ${maxAttempts}::integer)
      for update skip locked)
    returning id`.execute(db);
  return rows.map(({ id }) => id);
}

/** What another process held, where there can be no other process any more. */
export async function freeLeases(db: Db, now: Date): Promise<void> {
  const past = new Date(now.getTime() - 1);
  await sql`update runs set lease_until = ${past}::timestamptz where state = 'running'`.execute(db);
}

const held = ({ id, worker, attempt }: Claim) =>
  sql`id = ${id}::uuid and state = 'running' and worker = ${worker}::text and attempts = ${attempt}::integer`;

export type Standing = 'held' | 'cancel-requested' | 'lost';
const standingOf = (rows: ReadonlyArray<{ cancel_requested: boolean }>): Standing =>
  rows[0] === undefined ? 'lost' : rows[0].cancel_requested ? 'cancel-requested' : 'held';

export async function renewLease(db: Db, claim: Claim, until: Date, progress: RunProgress | null): Promise<Standing> {
  const { rows } = await sql<{ cancel_requested: boolean }>`
    update runs set lease_until = ${until}::timestamptz, progress = coalesce(${jsonOrNull(progress)}::jsonb, progress)
    where ${held(claim)} returning cancel_requested`.execute(db);
  return standingOf(rows);
}

export async function standingOfClaim(db: Db, claim: Claim): Promise<Standing> {
  const { rows } = await sql<{ cancel_requested: boolean }>`
    select cancel_requested from runs where ${held(claim)}`.execute(db);
  return standingOf(rows);
}

export interface Ending {
  readonly state: 'done' | 'failed' | 'cancelled';
  readonly result: object | null;
  readonly error: RunFailure | null;
}

export async function endRun(
  db: Db,
  claim: Claim,
  { state, result, error }: Ending,
  progress: RunProgress | null,
  now: Date,
): Promise<void> {
  await sql`
    update runs set state = ${state}::text, result = ${jsonOrNull(result)}::jsonb, error = ${jsonOrNull(error)}::jsonb,
      progress = coalesce(${jsonOrNull(progress)}::jsonb, progress), worker = null, lease_until = null,
      ended_at = ${now}::timestamptz
    where ${held(claim)}`.execute(db);
}

/** Puts a run back that was not finished for no fault of its own: the attempt does not count. One that shall end has. */
export async function putBack(db: Db, claim: Claim, now: Date): Promise<void> {
  await sql`
    update runs set state = case when cancel_requested then 'cancelled' else 'queued' end,
      ended_at = case when cancel_requested then ${now}::timestamptz end,
      worker = null, lease_until = null, attempts = attempts - 1
    where ${held(claim)}`.execute(db);
}

/** A waiting run is cancelled at once, a running one by whoever works on it; an ended one stays as it is. */
export async function requestCancel(db: Db, id: string, now: Date): Promise<void> {
  await sql`
    update runs set cancel_requested = true,
      state = case when state = 'queued' then 'cancelled' else state end,
      ended_at = case when state = 'queued' then ${now}::timestamptz else ended_at end
    where id = ${id}::uuid and state in ('queued', 'running')`.execute(db);
}

export async function deleteEndedRuns(db: Db, before: Date): Promise<void> {
  await sql`
    delete from runs where state in ('done', 'failed', 'cancelled') and ended_at < ${before}::timestamptz`.execute(db);
}
