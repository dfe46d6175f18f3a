import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ICON_FIELDS, readIconItems, readTagQueries } from '../../demo/icons.ts';
import type { Fields } from '../../src/serving/collections/schema.ts';
import { composeItem } from '../../src/serving/content/compose.ts';
import { sharedFolder } from '../../test/support/shared.ts';

/** An item as it is imported: an id, and the payload beside it. */
export type DatasetItem = Readonly<Record<string, unknown>> & { readonly id: string };

export interface JudgedQuery {
  readonly id: string;
  readonly text: string;
  /** Item id → grade. Items that are not judged count as 0. */
  readonly grades: ReadonlyMap<string, number>;
}

/** A catalogue with judged queries. */
export interface Dataset {
  readonly name: string;
  readonly items: readonly DatasetItem[];
  readonly fields: Fields;
  readonly queries: readonly JudgedQuery[];
}

/** What the item says in its lexical fields, as one text. */
export const plainText = ({ fields }: Pick<Dataset, 'fields'>, item: DatasetItem): string =>
  composeItem(fields, item)
    .lexical.map(({ text }) => text)
    .join(' ');

type Judgments = Map<string, Map<string, number>>;

/** Scientific claims against abstracts: 5,183 items, 300 queries. */
export function loadScifact(): Dataset {
  const folder = folderOf('scifact');
  const judgments = readJudgments(join(folder, 'qrels.tsv'), 0);
  return {
    name: 'SciFact',
    items: readItems(folder),
    fields: { text: { type: 'text', embed: true, lexical: true } },
    queries: readTable(join(folder, 'queries.tsv')).flatMap(([id, text]) => {
      const grades = judgments.get(id!);
      return grades === undefined ? [] : [{ id: id!, text: text!, grades }];
    }),
  };
}

/** Amazon shopping queries: 6,764 products, 75 queries; grades exact 1, substitute .1, complement .01. */
export function loadEsci(): Dataset {
  const folder = folderOf('esci');
  return {
    name: 'ESCI',
    items: readItems(folder).map(({ category, ...row }) =>
      Array.isArray(category) && category.length > 0 ? { ...row, category } : row,
    ),
    fields: {
      title: { type: 'text', embed: true, lexical: true },
      brand: { type: 'keyword', embed: true, lexical: true, filter: true, facet: true },
      color: { type: 'keyword', embed: true, lexical: true, filter: true, facet: true },
      bullet_points: { type: 'text', embed: true, lexical: true },
      description: { type: 'text', embed: true, lexical: true },
      category: { type: 'category', filter: true, facet: true },
      price: { type: 'number', filter: true, facet: true, sort: true },
      rating: { type: 'number', filter: true, sort: true },
    },
    queries: queriesOf(folder),
  };
}

/** Electronics with thousands of attributes: 19,406 products, 58 queries, grades 0 to 3. */
export function loadIcecat(): Dataset {
  const folder = folderOf('icecat');
  return {
    name: 'Icecat',
    items: readItems(folder).map(withAttributes),
    fields: {
      title: { type: 'text', embed: true, lexical: true },
      short_description: { type: 'text', embed: true, lexical: true },
      supplier: { type: 'keyword', embed: true, lexical: true, filter: true, facet: true },
      attributes: { type: 'text', lexical: true },
      price: { type: 'number', filter: true, facet: true, sort: true },
      date_released: { type: 'date', filter: true, sort: true },
    },
    queries: queriesOf(folder),
  };
}

/** Icons with the tags that people gave them as queries: 5,233 items, 2,730 queries. Needs no folder. */
async function loadTabler(): Promise<Dataset> {
  return {
    name: 'tabler tags',
    items: (await readIconItems({ pictures: false })).map((icon) => ({ ...icon })),
    fields: ICON_FIELDS,
    queries: (await readTagQueries()).map(({ text, relevant }) => ({
      id: text,
      text,
      grades: new Map([...relevant].map((id) => [id, 1])),
    })),
  };
}

const LOADERS: Readonly<Record<string, () => Dataset | Promise<Dataset>>> = {
  scifact: loadScifact,
  esci: loadEsci,
  icecat: loadIcecat,
  tabler: loadTabler,
};

/** A data set by its name on the command line. */
export async function loadDataset(name: string): Promise<Dataset> {
  const load = LOADERS[name];
  if (load === undefined) throw new Error(`There is no data set ${name}; known: ${Object.keys(LOADERS).join(', ')}.`);
  return await load();
}

function folderOf(name: string): string {
  const shared = sharedFolder();
  if (shared === null) throw new Error(`There is no ../shared with the data set ${name}; only tabler needs none.`);
  return join(shared, 'data', name);
}

function readItems(folder: string): DatasetItem[] {
  const lines = gunzipSync(readFileSync(join(folder, 'items.jsonl.gz')))
    .toString()
    .trim();
  return lines.split('\n').map((line) => JSON.parse(line) as DatasetItem);
}

const readTable = (path: string): string[][] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));

function readJudgments(path: string, headerLines: number): Judgments {
  const judgments: Judgments = new Map();
  for (const [query, item, grade] of readTable(path).slice(headerLines)) {
    const judged = judgments.get(query!) ?? new Map<string, number>();
    judgments.set(query!, judged.set(item!, Number(grade)));
  }
  return judgments;
}

const queriesOf = (folder: string): JudgedQuery[] =>
  [...readJudgments(join(folder, 'judgments.tsv'), 1)].map(([text, grades]) => ({ id: text, text, grades }));

/** The values of an item's own attributes in one field; thousands of names, each borne by few items, are no schema. */
function withAttributes(row: DatasetItem): DatasetItem {
  const attributes = Object.entries(row)
    .filter(([name]) => name.startsWith('attr_'))
    .map(([, value]) => String(value))
    .join(', ');
  const { id, title, short_description, supplier, price, date_released, img_500x500 } = row;
  return { id, title, short_description, supplier, price, date_released, img_500x500, attributes };
}
