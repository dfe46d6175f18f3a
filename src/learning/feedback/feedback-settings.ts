import { z } from 'zod';

/** What an event of a type says about an item: above 0 for it, below 0 against it, 0 nothing by itself. */
export interface EventTypeSettings {
  readonly weight: number;
}

/** When a session is set aside: see guards/session-guards.ts for the rules. */
export interface GuardSettings {
  readonly enabled: boolean;
  readonly maxSearchesPerMinute: number;
  readonly maxClicksPerMinute: number;
  /** Clicked share of what was shown from which a session clicks everything. */
  readonly maxClickedShare: number;
  /** Clicks of clients that did nothing else, on one item, from which a click farm is looked for. */
  readonly minFarmClicks: number;
}

/** What a collection wants of its feedback. */
export interface FeedbackSettings {
  readonly eventTypes: Readonly<Record<string, EventTypeSettings>>;
  /** Events for older searches are refused. */
  readonly acceptDays: number;
  /** A client that is silent for so long begins a new session. */
  readonly sessionGapMinutes: number;
  /** Searches and events are deleted after so many days; null keeps them. */
  readonly retentionDays: number | null;
  /** A query's text is shown to others once so many clients have asked it. */
  readonly anonymity: number;
  readonly guards: GuardSettings;
}

export const DEFAULT_FEEDBACK_SETTINGS: FeedbackSettings = {
  eventTypes: {
    impression: { weight: 0 },
    skip: { weight: 0 },
    click: { weight: 1 },
    dwell: { weight: 1 },
    'add-to-cart': { weight: 2 },
    like: { weight: 2 },
    purchase: { weight: 3 },
    dislike: { weight: -1 },
  },
  acceptDays: 30,
  sessionGapMinutes: 30,
  retentionDays: 365,
  anonymity: 5,
  guards: {
    enabled: true,
    maxSearchesPerMinute: 60,
    maxClicksPerMinute: 60,
    maxClickedShare: 0.8,
    minFarmClicks: 20,
  },
};

const MAX_EVENT_TYPES = 50;
const typeName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and -');

/** A change of settings; null in place of an event type removes one that was added. */
export const feedbackPatchSchema = z.strictObject({
  eventTypes: z
    .record(typeName, z.strictObject({ weight: z.number().min(-10).max(10) }).nullable())
    .refine((types) => Object.keys(types).length <= MAX_EVENT_TYPES, `must have at most ${MAX_EVENT_TYPES} entries`)
    .optional(),
  acceptDays: z.number().positive().max(3650).optional(),
  sessionGapMinutes: z.number().min(1).max(1440).optional(),
  retentionDays: z.number().min(1).max(36_500).nullable().optional(),
  anonymity: z.int().min(1).max(1000).optional(),
  guards: z
    .strictObject({
      enabled: z.boolean().optional(),
      maxSearchesPerMinute: z.number().min(1).max(1e6).optional(),
      maxClicksPerMinute: z.number().min(1).max(1e6).optional(),
      maxClickedShare: z.number().min(0).max(1).optional(),
      minFarmClicks: z.int().min(1).max(1e6).optional(),
    })
    .optional(),
});
export type FeedbackPatch = z.output<typeof feedbackPatchSchema>;

/** Applies a change; the types that the product itself knows stay, whatever their weight. */
export function mergedFeedbackSettings(settings: FeedbackSettings, patch: FeedbackPatch): FeedbackSettings {
  const { eventTypes = {}, guards = {}, ...rest } = patch;
  const types = { ...settings.eventTypes, ...eventTypes };
  const kept = Object.entries(types).map(
    ([name, type]) => [name, type ?? DEFAULT_FEEDBACK_SETTINGS.eventTypes[name] ?? null] as const,
  );
  return {
    ...settings,
    ...definedOf(rest),
    eventTypes: Object.fromEntries(kept.flatMap(([name, type]) => (type === null ? [] : [[name, type]]))),
    guards: { ...settings.guards, ...definedOf(guards) },
  };
}

/** A key that is there without a value changes nothing. */
function definedOf<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
