import type { Studio } from '../../../../src/studio.ts';

const COLOURS = ['red', 'green', 'blue', 'black', 'white', 'grey'];
const THINGS = ['shoe', 'coat', 'umbrella', 'scarf', 'hat', 'glove', 'boot'];
const QUERIES = [...COLOURS.map((colour) => `something ${colour}`), ...THINGS.map((thing) => `a good ${thing}`)];

/** Forty-two things in a collection. */
export async function putShop({ services }: Studio, name: string): Promise<number> {
  const { collections, items } = services;
  await collections.put(name, { fields: { title: { type: 'text', embed: true, lexical: true } } });
  const things = COLOURS.flatMap((colour) =>
    THINGS.map((thing) => ({ id: `${colour}-${thing}`, title: `A ${colour} ${thing} for rainy days` })),
  );
  const { sequence } = await items.upsert(name, things);
  await items.waitIndexed(name, sequence, 60);
  return (await collections.get(name)).id;
}

/** Each query is asked by some people, who click what has its word. Returns how many clicks there were. */
export async function clickAround({ services }: Studio, name: string, people = 3): Promise<number> {
  let clicks = 0;
  for (let person = 0; person < people; person++) {
    for (const text of QUERIES) {
      const word = text.split(' ').at(-1) ?? '';
      const session = `${person} ${text}`;
      const { searchId, hits } = await services.search.search(name, {
        query: [{ text }],
        limit: 10,
        memory: false,
        session,
      });
      const liked = hits.filter(({ id }) => id.includes(word)).slice(0, 3);
      const events = liked.map(({ id }) => ({ searchId: searchId ?? '', itemId: id, type: 'click' }));
      const { rejected } = await services.feedback.take(events);
      if (rejected[0] !== undefined) throw new Error(rejected[0].message);
      clicks += events.length;
    }
  }
  return clicks;
}
