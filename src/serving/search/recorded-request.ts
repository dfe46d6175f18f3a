import type { SearchRequest } from './request.ts';

/** The request as it is kept: pictures and vectors are large and say nothing to a reader, so their presence is noted alone. */
export function recordedRequest(request: SearchRequest): Record<string, unknown> {
  const { query, cursor: _cursor, user: _user, session: _session, ...rest } = request;
  return {
    ...rest,
    query: query.map((part) => ({
      ...part,
      ...(part.image === undefined ? {} : { image: `${part.image.length} bytes` }),
      ...(part.vector === undefined ? {} : { vector: `${part.vector.length} numbers` }),
    })),
  };
}
