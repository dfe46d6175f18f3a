import type { Tables } from '../tables.ts';

const FIXED: Readonly<Record<keyof Tables, true>> = {
  blobs: true,
  collections: true,
  erasures: true,
  events: true,
  feedback_batches: true,
  feedback_settings: true,
  guard_due: true,
  index_failures: true,
  indexes: true,
  judgments: true,
  memory_due: true,
  memory_queries: true,
  profiles: true,
  releases: true,
  runs: true,
  searches: true,
  sessions: true,
};

/** Kysely's memory of the migrations that ran. */
const MIGRATION_TABLES = ['kysely_migration', 'kysely_migration_lock'];

/**
 * Tables of collections and indexes, by the id that they end in. Each by its name: `archive_2024` is somebody else's, and
 * a restore drops the tables that it takes for the product's.
 */
const NUMBERED = /^(?:items|vectors|postings|blocks|documents)_[1-9][0-9]*$/;

/** Whether a table belongs to the product; on a server the schema may hold others' too. */
export function isOwnTable(name: string): boolean {
  return Object.hasOwn(FIXED, name) || MIGRATION_TABLES.includes(name) || NUMBERED.test(name);
}

/** Whether a row in it means that somebody works with the installation. */
export function holdsUserData(name: string): boolean {
  return !MIGRATION_TABLES.includes(name);
}
