import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFolder } from '../../test/support/shared.ts';

export interface Photo {
  readonly id: string;
  readonly path: string;
  /** Name of its class, by grouping. */
  readonly classes: Readonly<Record<string, string>>;
}

/** Photos that are sorted into classes, in one way or several. */
export interface PhotoSet {
  readonly name: string;
  readonly photos: readonly Photo[];
  readonly groupings: readonly string[];
}

/** 567 photos taken in grocery shops: 81 products, which are 43 kinds. */
export function loadGrocery(): PhotoSet {
  const folder = folderOf('grocery');
  const products = new Map(readCsv(join(folder, 'classes.csv')).map(([fine, id, coarse]) => [id, { fine, coarse }]));
  return {
    name: 'grocery',
    groupings: ['fine', 'coarse'],
    photos: readCsv(join(folder, 'images.csv')).map(([path, id]) => {
      const { fine, coarse } = products.get(id) ?? {};
      return {
        id: path!.slice(path!.lastIndexOf('/') + 1),
        path: join(folder, path!),
        classes: { fine: words(fine!), coarse: words(coarse!) },
      };
    }),
  };
}

/** 741 photos of garments in 17 classes. */
export function loadClothing(): PhotoSet {
  const folder = folderOf('clothing');
  return {
    name: 'clothing',
    groupings: ['kind'],
    photos: readCsv(join(folder, 'images.csv')).map(([image, , label]) => ({
      id: image!,
      path: join(folder, 'images', `${image}.jpg`),
      classes: { kind: label! },
    })),
  };
}

const words = (name: string): string => name.replaceAll('-', ' ');

function folderOf(name: string): string {
  const shared = sharedFolder();
  if (shared === null) throw new Error(`There is no ../shared with the photos of ${name}.`);
  return join(shared, 'data', name);
}

/** Without its header; these files quote nothing. */
const readCsv = (path: string): string[][] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(','));
