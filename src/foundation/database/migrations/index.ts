import type { Migration } from 'kysely/migration';
import { groundFloor } from './0001-ground-floor.ts';
import { recentMemories } from './0002-recent-memories.ts';
import { feedback } from './0003-feedback.ts';

/** In order. A migration that was released is never changed: what comes later is a new one at the end. */
export const migrations: Record<string, Migration> = {
  '0001-ground-floor': groundFloor,
  '0002-recent-memories': recentMemories,
  '0003-feedback': feedback,
};
