import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// The package exports its drawings alone; its folder is found from one of them.
const outlineFolder = dirname(createRequire(import.meta.url).resolve('@tabler/icons/outline/abc.svg'));
const packageFolder = join(outlineFolder, '..', '..');

/** The declared schema of the demo's catalogue. The icons' tags are not in it: they are what searches are judged by. */
export const ICON_FIELDS = {
  name: { type: 'text', embed: true, lexical: true },
  category: { type: 'category', embed: true, lexical: true, filter: true, facet: true },
  style: { type: 'keyword', filter: true, facet: true, multiple: true },
  since: { type: 'number', filter: true, facet: true, sort: true },
  picture: { type: 'image' },
} as const;

export interface IconItem {
  readonly id: string;
  readonly name: string;
  readonly category?: string;
  readonly style: readonly string[];
  readonly since: number;
  readonly picture?: string;
}

export interface TagQuery {
  readonly text: string;
  /** Ids of the icons that bear the tag. */
  readonly relevant: ReadonlySet<string>;
}

interface IconEntry {
  readonly category?: string;
  readonly tags: ReadonlyArray<string | number>;
  readonly styles: Readonly<Record<string, { readonly version: string }>>;
}

async function readIcons(): Promise<Array<[string, IconEntry]>> {
  const icons = JSON.parse(await readFile(join(packageFolder, 'icons.json'), 'utf8')) as Record<string, IconEntry>;
  return Object.entries(icons).sort(([left], [right]) => (left < right ? -1 : 1));
}

/** The icons of @tabler/icons (MIT) as items, with their drawings where wanted. */
export async function readIconItems(options: { readonly pictures: boolean }): Promise<IconItem[]> {
  return Promise.all(
    (await readIcons()).map(async ([id, icon]) => ({
      id,
      name: id.replaceAll('-', ' '),
      ...(icon.category ? { category: icon.category } : {}),
      style: Object.keys(icon.styles),
      since: Number.parseFloat(Object.values(icon.styles)[0]?.version ?? '1'),
      ...(options.pictures
        ? {
            picture: `data:image/svg+xml;base64,${(await readFile(join(outlineFolder, `${id}.svg`))).toString('base64')}`,
          }
        : {}),
    })),
  );
}

/** Lower-cased tags, hyphens to blanks, that 3 to 100 icons bear: 2,730 short queries such as people type, in a fixed order. */
export async function readTagQueries(): Promise<TagQuery[]> {
  const bearers = new Map<string, Set<string>>();
  for (const [id, icon] of await readIcons()) {
    for (const tag of icon.tags) {
      const text = String(tag).toLowerCase().replaceAll('-', ' ').trim();
      if (text !== '') bearers.set(text, (bearers.get(text) ?? new Set<string>()).add(id));
    }
  }
  return [...bearers]
    .filter(([, ids]) => ids.size >= 3 && ids.size <= 100)
    .map(([text, relevant]) => ({ text, relevant }))
    .sort((left, right) => (left.text < right.text ? -1 : 1));
}
