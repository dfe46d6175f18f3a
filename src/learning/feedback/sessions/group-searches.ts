/** A search that belongs to no session yet. */
export interface LooseSearch {
  readonly id: string;
  readonly client: string;
  readonly at: Date;
}

/** A session that a search may join. */
export interface OpenSession {
  readonly id: number;
  readonly client: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
}

/** Searches of one client without a long pause: of a session that is there already, or of a new one. */
export interface SearchGroup {
  readonly sessionId: number | null;
  readonly client: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly searchIds: readonly string[];
}

/**
 * Sorts searches into sessions: a client that is silent for longer than the gap begins a new one. A late search joins
 * the session that it lies in or next to; two sessions are never made one, which would renumber what others read.
 *
 * @param gapMilliseconds longest silence within a session
 */
export function groupSearches(
  searches: readonly LooseSearch[],
  sessions: readonly OpenSession[],
  gapMilliseconds: number,
): SearchGroup[] {
  const byClient = Map.groupBy(sessions, ({ client }) => client);
  const groups: SearchGroup[] = [];
  for (const [client, own] of Map.groupBy(searches, (search) => search.client)) {
    const open: SearchGroup[] = (byClient.get(client) ?? []).map(({ id, startedAt, endedAt }) => ({
      sessionId: id,
      client,
      startedAt,
      endedAt,
      searchIds: [],
    }));
    for (const search of own.toSorted(inTime)) join(open, search, gapMilliseconds);
    groups.push(...open.filter(({ searchIds }) => searchIds.length > 0));
  }
  return groups;
}

function join(open: SearchGroup[], { id, client, at }: LooseSearch, gap: number): void {
  const index = open.findLastIndex(
    ({ startedAt, endedAt }) => at.getTime() >= startedAt.getTime() - gap && at.getTime() <= endedAt.getTime() + gap,
  );
  const group = open[index];
  if (group === undefined) {
    open.push({ sessionId: null, client, startedAt: at, endedAt: at, searchIds: [id] });
    return;
  }
  open[index] = {
    ...group,
    startedAt: at < group.startedAt ? at : group.startedAt,
    endedAt: at > group.endedAt ? at : group.endedAt,
    searchIds: [...group.searchIds, id],
  };
}

const inTime = (left: LooseSearch, right: LooseSearch): number =>
  left.at.getTime() - right.at.getTime() || (left.id < right.id ? -1 : 1);
