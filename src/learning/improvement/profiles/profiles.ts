import type { Clock } from '../../../foundation/core/clock.ts';
import { normalized } from '../../../foundation/core/math.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { ProfileSettings } from '../../../serving/collections/schema.ts';
import { itemVectors } from '../../../serving/indexes/vector/vector-queries.ts';
import type { LiveVector } from '../../../serving/search/live-release.ts';
import type { CandidateScorer, CandidateSignal, SignalContext } from '../../../serving/search/ranking-signal.ts';
import { keysOfItems } from '../../../serving/search/search-queries.ts';
import type { EventTypeSettings } from '../../feedback/feedback-settings.ts';
import {
  listProfiles,
  readActionsOf,
  readProfile,
  resetProfile,
  type StoredProfile,
  writeProfile,
} from './profile-queries.ts';
import { boostsOf, decayed, type Taste, tasteOf } from './taste.ts';
import { weighActions } from './weigh-actions.ts';

export interface ProfilesOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly eventTypesOf: (collectionId: number) => Promise<Readonly<Record<string, EventTypeSettings>>>;
  /** What serves the collection; no vectors where it has no vector index. */
  readonly servedBy: (
    collectionId: number,
  ) => Promise<{ readonly vectors: readonly LiveVector[]; readonly settings: ProfileSettings }>;
}

/** A profile as a person may look at it. */
export interface ProfileView {
  readonly user: string;
  /** Decayed to now. */
  readonly evidence: number;
  /** How much it counts in a search: evidence / (evidence + prior). */
  readonly weight: number;
  /** The items with most weight, decayed to `updatedAt`; below 0 for what was disliked. */
  readonly items: Taste['items'];
  readonly updatedAt: Date;
}

/** Newest actions of a user that count; older ones have mostly decayed. */
const MAX_ACTIONS = 500;

/**
 * Each user's taste in a collection: the decaying mean of where the items that the user acted on lie from the mean of all
 * items. It is a pure function of the record and of the vectors that serve. Stored events make it due; it is computed when it is asked for.
 */
export class Profiles implements CandidateSignal {
  readonly name = 'profile';
  readonly #options: ProfilesOptions;

  constructor(options: ProfilesOptions) {
    this.#options = options;
  }

  async begin(context: SignalContext, vectors: readonly LiveVector[]): Promise<CandidateScorer | null> {
    const { collectionId, user } = context;
    const settings = context.settings.profile;
    const served = vectors[0];
    if (user === null || !settings.enabled || settings.strength === 0 || served === undefined) return null;
    const profile = await this.#current(collectionId, user, served, settings);
    const evidence = this.#evidenceOf(profile, settings);
    const vector = profile?.vector ?? null;
    if (vector === null || evidence === 0) return null;
    return async (keys) => boostsOf(await served.index.cosinesFromMean(vector, keys), evidence, settings);
  }

  /** A user's profile as of now; null for a user without one. */
  async show(collectionId: number, user: string): Promise<ProfileView | null> {
    const { vectors, settings } = await this.#options.servedBy(collectionId);
    const profile = await this.#current(collectionId, user, vectors[0], settings);
    return profile === null || profile.vector === null ? null : this.#view(profile, settings);
  }

  /** Profiles by user, each as of now. `next` is the user to go on after; null at the end. */
  async list(
    collectionId: number,
    after: string | null,
    limit: number,
  ): Promise<{ readonly profiles: readonly ProfileView[]; readonly next: string | null }> {
    const { vectors, settings } = await this.#options.servedBy(collectionId);
    const stored = await listProfiles(this.#options.db, collectionId, after, limit + 1);
    const page = stored.slice(0, limit);
    const profiles: ProfileView[] = [];
    for (const one of page) {
      const profile = await this.#upToDate(collectionId, one, vectors[0], settings);
      if (profile !== null && profile.vector !== null) profiles.push(this.#view(profile, settings));
    }
    return { profiles, next: stored.length > limit ? (page.at(-1)?.user ?? null) : null };
  }

  /** What a user has done so far does not count any more; the record stays. False when there was nothing to reset. */
  reset(collectionId: number, user: string): Promise<boolean> {
    const { db, clock } = this.#options;
    return resetProfile(db, collectionId, user, clock.now());
  }

  async #current(
    collectionId: number,
    user: string,
    served: LiveVector | undefined,
    settings: ProfileSettings,
  ): Promise<StoredProfile | null> {
    const stored = await readProfile(this.#options.db, collectionId, user);
    return stored === null ? null : this.#upToDate(collectionId, stored, served, settings);
  }

  #upToDate(
    collectionId: number,
    stored: StoredProfile,
    served: LiveVector | undefined,
    settings: ProfileSettings,
  ): Promise<StoredProfile | null> {
    // Other vectors serve now, such as another model's: the mean is taken of those.
    const isOfOtherVectors = stored.indexId !== null && stored.indexId !== served?.id;
    if (served === undefined || (!stored.due && !isOfOtherVectors)) return Promise.resolve(stored);
    return this.#compute(collectionId, stored.user, served, settings);
  }

  async #compute(
    collectionId: number,
    user: string,
    served: LiveVector,
    { halfLifeDays }: ProfileSettings,
  ): Promise<StoredProfile | null> {
    const { db, clock, eventTypesOf } = this.#options;
    const eventTypes = await eventTypesOf(collectionId);
    const types = Object.keys(eventTypes).filter((type) => eventTypes[type]?.weight !== 0);
    // Before the transaction, because the embedded database has one connection.
    const mean = await served.index.mean();
    return await db.transaction().execute(async (transaction) => {
      const stored = await readProfile(transaction, collectionId, user, 'lock');
      // Erased meanwhile.
      if (stored === null) return null;
      const at = clock.now();
      const { since } = stored;
      const actions = await readActionsOf(transaction, { collectionId, user, since }, types, MAX_ACTIONS);
      const weights = weighActions(actions, { eventTypes, halfLifeDays, now: at });
      const vectors = await directionsOf(transaction, collectionId, [...weights.keys()], { served, mean });
      const taste = tasteOf(weights, vectors);
      await writeProfile(transaction, collectionId, user, { ...taste, indexId: served.id, at });
      return { ...stored, ...taste, due: false, indexId: served.id, updatedAt: at };
    });
  }

  #evidenceOf(profile: StoredProfile | null, { halfLifeDays }: ProfileSettings): number {
    return profile === null ? 0 : decayed(profile.evidence, profile.updatedAt, this.#options.clock.now(), halfLifeDays);
  }

  #view(profile: StoredProfile, settings: ProfileSettings): ProfileView {
    const evidence = this.#evidenceOf(profile, settings);
    const { user, items, updatedAt } = profile;
    return { user, evidence, weight: evidence / (evidence + settings.prior), items, updatedAt };
  }
}

/** Where items lie from the collection's mean: what they all have in common says nothing about a user. */
async function directionsOf(
  db: Db,
  collectionId: number,
  itemIds: readonly string[],
  { served, mean }: { readonly served: LiveVector; readonly mean: Float32Array },
): Promise<Map<string, Float32Array>> {
  const keys = await keysOfItems(db, collectionId, itemIds, undefined);
  const vectors = await itemVectors(db, served.id, [...keys.values()]);
  return new Map(
    [...keys].flatMap(([itemId, key]) => {
      const vector = vectors.get(key);
      if (vector === undefined) return [];
      const seen = served.index.metric === 'cosine' ? normalized(vector) : vector;
      return [[itemId, seen.map((value, at) => value - (mean[at] ?? 0))] as const];
    }),
  );
}
