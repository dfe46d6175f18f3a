import { glob, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a model's card says about where it comes from. */
export interface ModelLineage {
  readonly id: string;
  readonly lineage: unknown;
}

interface CardReader {
  /** Where trained models lie. */
  readonly folder: string;
  /** Models that are in use, wherever they lie. */
  readonly models: {
    list(): Promise<ReadonlyArray<{ readonly id: string; readonly card: Readonly<Record<string, unknown>> }>>;
  };
}

/** Lineages of the models in use and of those in the models' folder; a card that cannot be read is left out. */
export async function readModelLineages({ folder, models }: CardReader): Promise<ModelLineage[]> {
  const found = new Map((await models.list()).map(({ id, card }) => [id, card.lineage]));
  for await (const path of glob('{*,*/*,*/*/*}/card.json', { cwd: folder })) {
    const card = await readFile(`${folder}/${path}`, 'utf8')
      .then(JSON.parse)
      .catch(() => null);
    const id = dirname(path).replaceAll('\\', '/');
    if (card !== null && typeof card === 'object' && !found.has(id)) found.set(id, card.lineage);
  }
  return [...found].map(([id, lineage]) => ({ id, lineage }));
}

/** Models whose lineage, or whose parents', names one of these ids. */
export function modelsNaming(ids: readonly string[], lineages: readonly ModelLineage[]): string[] {
  return lineages
    .filter(({ lineage }) => {
      const text = JSON.stringify(lineage ?? null);
      return ids.some((id) => text.includes(id));
    })
    .map(({ id }) => id)
    .sort();
}
