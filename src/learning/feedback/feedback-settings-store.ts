import { type Clock, systemClock } from '../../foundation/core/clock.ts';
import { StudioError } from '../../foundation/core/errors.ts';
import type { Db } from '../../foundation/database/tables.ts';
import {
  DEFAULT_FEEDBACK_SETTINGS,
  type FeedbackPatch,
  type FeedbackSettings,
  feedbackPatchSchema,
  mergedFeedbackSettings,
} from './feedback-settings.ts';

/** Another process sees a change after this time. */
const CACHE_MILLISECONDS = 2000;
const MAX_CACHED = 1000;

/** Settings by collection; what was never set has its default. */
export class FeedbackSettingsStore {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #cache = new Map<number, { readonly until: number; readonly settings: FeedbackSettings }>();

  constructor(db: Db, clock: Clock = systemClock) {
    this.#db = db;
    this.#clock = clock;
  }

  async of(collectionId: number): Promise<FeedbackSettings> {
    const now = this.#clock.now().getTime();
    const known = this.#cache.get(collectionId);
    if (known !== undefined && known.until > now) return known.settings;
    const row = await this.#db
      .selectFrom('feedback_settings')
      .select('settings')
      .where('collection_id', '=', collectionId)
      .executeTakeFirst();
    const settings = mergedFeedbackSettings(DEFAULT_FEEDBACK_SETTINGS, (row?.settings ?? {}) as FeedbackPatch);
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(collectionId, { until: now + CACHE_MILLISECONDS, settings });
    return settings;
  }

  /** Merges a change into what is stored. Throws `invalid_request` and changes nothing when it is not possible. */
  async patch(collectionId: number, patch: unknown): Promise<FeedbackSettings> {
    const parsed = feedbackPatchSchema.safeParse(patch);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const path = issue?.path.map(String).join('.') ?? '';
      throw new StudioError('invalid_request', `At feedback.${path}: ${issue?.message}.`);
    }
    await this.#db.transaction().execute(async (transaction) => {
      // Made first, so that of two changes at once the second waits for the first and builds on it.
      await transaction
        .insertInto('feedback_settings')
        .values({ collection_id: collectionId, settings: '{}' })
        .onConflict((conflict) => conflict.column('collection_id').doNothing())
        .execute();
      const { settings } = await transaction
        .selectFrom('feedback_settings')
        .select('settings')
        .where('collection_id', '=', collectionId)
        .forUpdate()
        .executeTakeFirstOrThrow();
      const stored = mergedFeedbackSettings(DEFAULT_FEEDBACK_SETTINGS, settings as FeedbackPatch);
      await transaction
        .updateTable('feedback_settings')
        .set({ settings: JSON.stringify(mergedFeedbackSettings(stored, parsed.data)) })
        .where('collection_id', '=', collectionId)
        .execute();
    });
    this.#cache.delete(collectionId);
    return await this.of(collectionId);
  }
}
