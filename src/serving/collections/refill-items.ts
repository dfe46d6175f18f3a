import { StudioError } from '../../foundation/core/errors.ts';
import { createAnalyzer } from '../../foundation/core/text/analyzer.ts';
import { setSequence } from './collections-queries.ts';
import type { SchemaEvolution } from './evolve-schema.ts';
import { addItemColumns, type Sql } from './item-tables.ts';
import { bumpSequences, refillColumns, scanRows } from './items-queries.ts';
import type { Collection } from './schema.ts';
import { typedColumns } from './typed-rows.ts';

const CHUNK = 500;

/**
 * Makes stored items fit a changed schema: adds and fills typed columns, and gives items new sequences when an index
 * reads something else of them. All in the caller's transaction, because a search must never see a column half filled.
 */
export async function refillItems(transaction: Sql, collection: Collection, evolution: SchemaEvolution): Promise<void> {
  if (evolution.columns.length > 0) {
    const analyzer = createAnalyzer(collection.language);
    await addItemColumns(transaction, collection.id, evolution.columns);
    let after = 0;
    for (;;) {
      const items = await scanRows(transaction, collection.id, undefined, after, CHUNK);
      if (items.length === 0) break;
      const rows = items.map((item) => {
        try {
          return { key: item.key, ...typedColumns(collection.fields, evolution.columns, item.payload, analyzer) };
        } catch (error) {
          if (!(error instanceof StudioError)) throw error;
          throw new StudioError(
            'schema_conflict',
            `The stored item ${JSON.stringify(item.id)} does not fit the new schema. ${error.message}`,
            {
              hint: 'Correct or delete the item, or declare the field with the type that its values have.',
              details: { ...error.details, itemId: item.id },
            },
          );
        }
      });
      await refillColumns(transaction, collection.id, evolution.columns, rows);
      after = items.at(-1)!.key;
    }
  }
  if (evolution.embedChanged || evolution.lexicalChanged) {
    const what = { embed: evolution.embedChanged, lexical: evolution.lexicalChanged };
    const count = await bumpSequences(transaction, collection.id, collection.sequence, what);
    await setSequence(transaction, collection.id, collection.sequence + count);
  }
}
