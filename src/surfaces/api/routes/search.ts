import type { z } from 'zod';
import { decodeDataUri } from '../../../serving/blobs/data-uris.ts';
import type { QueryPart } from '../../../serving/search/request.ts';
import type { queryPartSchema, querySchema } from '../contract/search.ts';
import type { Handlers } from '../handler.ts';
import type { Services } from '../services.ts';

export function searchHandlers({ search }: Services): Handlers<'search' | 'count'> {
  return {
    async search({ params, body }) {
      const { query, ...request } = body;
      return await search.search(params.name, { ...request, query: query === undefined ? [] : toParts(query) });
    },
    async count({ params, body }) {
      return await search.count(params.name, body.filter);
    },
  };
}

/** A text, an object or a list of either become parts; a blank text is no part, which means browsing. */
function toParts(query: z.output<typeof querySchema>): QueryPart[] {
  const parts = Array.isArray(query) ? query : [query];
  return parts
    .map((part) => (typeof part === 'string' ? { text: part } : toPart(part)))
    .filter((part) => part.text?.trim() !== '');
}

function toPart({ image, ...part }: z.output<typeof queryPartSchema>): QueryPart {
  return image === undefined ? part : { ...part, image: decodeDataUri(image) };
}
