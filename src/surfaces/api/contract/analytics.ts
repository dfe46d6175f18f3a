import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { at, collectionParams, wholeNumber } from './shapes.ts';

const moment = (text: string) => z.iso.datetime({ offset: true }).meta({ description: text }).optional();
const range = {
  from: moment('Seven days before `to` when left out'),
  to: moment('Now when left out; at most 400 days after `from`'),
};
/** null where there is nothing to divide by. */
const rate = z.number().nullable();

const counts = {
  searches: z.int(),
  /** Users, else sessions, else single searches. */
  clients: z.int(),
  sessions: z.int(),
  zeroResults: z.int(),
  clickedSearches: z.int(),
  clickThroughRate: rate,
  /** Searches with hits and no click, of those with hits. */
  abandonmentRate: rate,
  /** Mean of 1/position of the topmost click over all searches, 0 where nothing was clicked. */
  meanReciprocalRank: rate,
  /** Searches that led to a purchase. */
  conversions: z.int(),
  medianTookMs: rate,
};

export const getAnalytics = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/analytics',
  summary: 'How much was searched and what came of it, over time',
  tag: 'Analytics',
  params: collectionParams,
  query: z.strictObject({ ...range, interval: z.enum(['hour', 'day', 'week']).optional() }),
  response: z
    .object({
      from: at,
      to: at,
      interval: z.enum(['hour', 'day', 'week']),
      /** `at` is the beginning, in UTC; weeks begin on Mondays. */
      buckets: z.array(z.object({ at, ...counts })),
      totals: z.object(counts),
      /** Sessions that the counts leave out, by the reason. */
      setAside: z.object({ searches: z.int(), sessions: z.int(), reasons: z.record(z.string(), z.int()) }),
    })
    .meta({ id: 'Analytics' }),
  timeoutSeconds: 120,
  errors: ['collection_not_found'],
});

export const getPositionAnalytics = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/analytics/positions',
  summary: 'Impressions and clicks by position',
  tag: 'Analytics',
  params: collectionParams,
  query: z.strictObject(range),
  response: z.object({
    from: at,
    to: at,
    positions: z.array(
      z.object({
        position: z.int(),
        impressions: z.int(),
        clicks: z.int(),
        clickThroughRate: rate,
        /** Wilson's interval at 95 %. */
        interval: z.object({ low: z.number(), high: z.number() }).nullable(),
      }),
    ),
  }),
  timeoutSeconds: 120,
  errors: ['collection_not_found'],
});

export const getQueryAnalytics = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/analytics/queries',
  summary: 'What was asked, how often, and what came of it; queries of too few are counted alone',
  tag: 'Analytics',
  params: collectionParams,
  query: z.strictObject({
    ...range,
    order: z.enum(['searches', 'zero-results', 'abandonment', 'low-click-through']).optional(),
    limit: wholeNumber(1, 1000).optional(),
    cursor: z.string().min(1).max(4000).optional(),
  }),
  response: z.object({
    from: at,
    to: at,
    queries: z.array(
      z.object({
        query: z.string(),
        searches: counts.searches,
        clients: counts.clients,
        zeroResults: counts.zeroResults,
        clickedSearches: counts.clickedSearches,
        clickThroughRate: rate,
        abandonmentRate: rate,
        conversions: counts.conversions,
      }),
    ),
    /** Of this order; too few clients asked them for their text to be shown. */
    hidden: z.object({ queries: z.int(), searches: z.int() }),
    nextCursor: z.string().nullable(),
  }),
  timeoutSeconds: 120,
  errors: ['collection_not_found', 'invalid_cursor'],
});
