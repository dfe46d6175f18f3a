import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { at, collectionParams, wholeNumber } from './shapes.ts';

const profileParams = z.strictObject({ name: z.string().max(200), user: z.string().min(1).max(256) });

const summaryShape = {
  user: z.string(),
  /** Sum of the weights of what the user did, decayed to now. */
  evidence: z.number(),
  /** How much the profile counts in a search, 0 to 1. */
  weight: z.number(),
  updatedAt: at,
};

export const listProfiles = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/profiles',
  summary: 'Users with a profile, and the evidence behind it',
  tag: 'Feedback',
  params: collectionParams,
  query: z.strictObject({ cursor: z.string().min(1).max(1000).optional(), limit: wholeNumber(1, 100).optional() }),
  response: z.object({
    profiles: z.array(z.object(summaryShape).meta({ id: 'ProfileSummary' })),
    nextCursor: z.string().nullable(),
  }),
  errors: ['collection_not_found', 'invalid_cursor'],
});

export const getProfile = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/profiles/:user',
  summary: 'What a user is taken to like, and the items that say so',
  tag: 'Feedback',
  params: profileParams,
  response: z
    .object({
      ...summaryShape,
      /** The items with most weight; below 0 for what was disliked. */
      items: z.array(z.object({ itemId: z.string(), weight: z.number() })),
    })
    .meta({ id: 'Profile' }),
  errors: ['collection_not_found', 'profile_not_found'],
});

export const resetProfile = endpoint({
  method: 'DELETE',
  path: '/v1/collections/:name/profiles/:user',
  summary: 'Begin a profile anew: what the user did so far does not count any more',
  tag: 'Feedback',
  params: profileParams,
  response: z.object({ reset: z.boolean() }),
  errors: ['collection_not_found'],
});
