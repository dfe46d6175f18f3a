import { expect, it } from 'vitest';
import { deleteItems } from '../../../src/serving/collections/delete-items.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { openSearch } from '../../support/search.ts';

const lamps = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `lamp ${i}`, name: `lamp ${i}` }));

describeOnEveryDatabase('a search while its ground moves', (open) => {
  it('says that the collection is gone when another process has just deleted it', async () => {
    const studio = await openSearch(await open());
    await studio.put(lamps(1));
    const elsewhere = studio.otherProcess();
    const request = { query: [{ text: 'lamp' }] };
    expect((await elsewhere.search(studio.name, request)).hits).toHaveLength(1);
    await studio.collections.delete(studio.name);
    await expect(elsewhere.search(studio.name, request)).rejects.toMatchObject({ code: 'collection_not_found' });
    await studio.close();
  });

  it('answers from the collection that another process has just put in the place of a deleted one', async () => {
    const studio = await openSearch(await open());
    await studio.put(lamps(1));
    const elsewhere = studio.otherProcess();
    const request = { query: [{ text: 'lamp' }] };
    await elsewhere.search(studio.name, request);
    await studio.collections.delete(studio.name);
    await studio.collections.put(studio.name, { fields: { name: { type: 'text', lexical: true } } });
    await studio.put([{ id: 'new lamp', name: 'lamp' }]);
    const { hits } = await elsewhere.search(studio.name, request);
    expect(hits.map((hit) => hit.id)).toEqual(['new lamp']);
    await studio.close();
  });

  it('goes on without an index that another process has just dropped', async () => {
    const fields = { name: { type: 'text', lexical: true }, note: { type: 'text', embed: true } };
    const studio = await openSearch(await open(), { fields });
    await studio.put(lamps(2));
    const elsewhere = studio.otherProcess();
    const request = { query: [{ text: 'lamp' }] };
    await elsewhere.search(studio.name, request);
    await studio.collections.put(studio.name, { fields: { name: fields.name } });
    expect((await elsewhere.search(studio.name, request)).hits).toHaveLength(2);
    await studio.close();
  });

  it('reaches every item that is left when shown ones are deleted between two pages', async () => {
    const studio = await openSearch(await open());
    await studio.put(lamps(25));
    const request = { query: [{ text: 'lamp' }], limit: 10 };
    const first = await studio.search(request);
    const gone = first.hits.slice(0, 8).map((hit) => hit.id);
    await deleteItems(studio.items, await studio.collections.get(studio.name), gone);
    const rest: string[] = [];
    for (let cursor = first.nextCursor; cursor !== undefined; ) {
      const page = await studio.search({ ...request, cursor });
      rest.push(...page.hits.map((hit) => hit.id));
      cursor = page.nextCursor;
    }
    const shown = new Set([...first.hits.map((hit) => hit.id), ...rest]);
    expect([shown.size, rest.length]).toEqual([25, 15]);
    await studio.close();
  });
});
