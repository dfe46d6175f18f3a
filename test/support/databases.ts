import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe } from 'vitest';
import { type Database, openDatabase } from '../../src/foundation/database/open-database.ts';
import { SpareDatabases } from './spare-databases.ts';

const SERVER = process.env.TEST_DATABASE_URL;

/**
 * Runs the tests on each engine. Every `open()` gives a fresh, migrated database of its own; all are closed, and
 * dropped, when the tests are over.
 *
 * @example
 * describeOnEveryDatabase('items', (open) => {
 *   it('are counted', async () => {
 *     const { db } = await open();
 *   });
 * });
 */
export function describeOnEveryDatabase(name: string, body: (open: () => Promise<Database>) => void): void {
  describe(`${name} (pglite)`, () => {
    const spare = new SpareDatabases();
    afterAll(() => spare.close());
    body(opener(() => spare.open()));
  });
  if (SERVER === undefined) sayOnce('skipped: no TEST_DATABASE_URL (PostgreSQL half of the contract suite)');
  else describe(`${name} (postgres)`, () => body(opener(() => openOwnDatabase(SERVER))));
}

/** The server of TEST_DATABASE_URL, for tests that concern PostgreSQL alone. */
export function describeOnPostgres(name: string, body: (serverUrl: string) => void): void {
  if (SERVER === undefined) sayOnce('skipped: no TEST_DATABASE_URL (PostgreSQL half of the contract suite)');
  else describe(name, () => body(SERVER));
}

/** An empty database on the server, and the way to drop it. */
export async function createEmptyDatabase(server: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administrate(server, `create database ${name} template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administrate(server, `drop database if exists ${name} with (force)`) };
}

/** What a test opens is closed after it, what is opened for all tests (beforeAll) after all of them. */
function opener(open: () => Promise<Database>): () => Promise<Database> {
  const ofTest: Database[] = [];
  const ofSuite: Database[] = [];
  let inTest = false;
  beforeEach(() => {
    inTest = true;
  });
  afterEach(async () => {
    inTest = false;
    for (const database of ofTest.splice(0)) await database.close();
  });
  afterAll(async () => {
    for (const database of ofSuite.splice(0)) await database.close();
  });
  return async () => {
    const database = await open();
    (inTest ? ofTest : ofSuite).push(database);
    return database;
  };
}

async function openOwnDatabase(server: string): Promise<Database> {
  const { url, drop } = await createEmptyDatabase(server);
  const { engine, db, close } = await openDatabase({ databaseUrl: url, poolSize: 5 });
  let closing: Promise<void> | null = null;
  const closeAndDrop = (): Promise<void> => {
    closing ??= close().then(drop);
    return closing;
  };
  return { engine, db, close: closeAndDrop };
}

async function administrate(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

let said = false;
function sayOnce(sentence: string): void {
  if (!said) console.log(sentence);
  said = true;
}
