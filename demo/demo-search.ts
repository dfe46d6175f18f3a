import type { Client } from '../src/surfaces/sdk/client.ts';

export interface Shown {
  readonly searchId: string | null;
  readonly ids: readonly string[];
}

/** The demo's use of the API: ask a query, click on hits. */
export interface DemoSearch {
  ask(
    text: string,
    options: { readonly record: boolean; readonly mode?: 'hybrid' | 'vector' | 'lexical' },
  ): Promise<Shown>;
  click(searchId: string, itemIds: readonly string[]): Promise<void>;
}

export const PAGE = 10;

export function demoSearch(client: Client, collection: string): DemoSearch {
  return {
    async ask(query, { record, mode = 'hybrid' }) {
      // Only ids are looked at: payloads stay where they are.
      const { searchId, hits } = await client.search(collection, { query, mode, record, limit: PAGE, fields: [] });
      return { searchId, ids: hits.map((hit) => hit.id) };
    },
    async click(searchId, itemIds) {
      const { rejected } = await client.sendEvents({
        events: itemIds.map((itemId) => ({ searchId, itemId, type: 'click' as const })),
      });
      const [first] = rejected;
      if (first !== undefined) throw new Error(`A click was refused: ${first.message}`);
    },
  };
}
