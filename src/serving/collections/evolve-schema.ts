import { StudioError } from '../../foundation/core/errors.ts';
import { canonicalJson } from '../../foundation/core/hash.ts';
import { columnsOf, type ItemColumn } from './columns.ts';
import { DEFAULT_PARTS, DEFAULT_RANKING, defaultModels } from './defaults.ts';
import type { Collection, Field, Fields, PartSettings, RankingSettings } from './schema.ts';
import type { CollectionInput, RankingPatch } from './validate-schema.ts';

/** All that a caller declares about a collection, with nothing left open. */
export type CollectionSettings = Pick<Collection, 'fields' | 'metric' | 'parts' | 'language' | 'ranking' | 'models'>;

/** What a new declaration means for a collection that exists. */
export interface SchemaEvolution {
  readonly settings: CollectionSettings;
  /** Columns that the item table lacks or holds stale; they are added where missing and filled again. */
  readonly columns: readonly ItemColumn[];
  /** The encoder reads something else than before: every item is embedded again. */
  readonly embedChanged: boolean;
  /** The lexical index reads something else than before. */
  readonly lexicalChanged: boolean;
  readonly rankingChanged: boolean;
  /** False when the declaration says what is stored already. */
  readonly changed: boolean;
}

export function newSettings(input: CollectionInput): CollectionSettings {
  const models = { ...defaultModels(input.fields), ...defined(input.models ?? {}) };
  return {
    fields: normalizedFields(input.fields),
    metric: input.metric ?? 'cosine',
    parts: mergedParts(DEFAULT_PARTS, input.parts),
    language: input.language ?? 'english',
    ranking: mergedRanking(DEFAULT_RANKING, input.ranking),
    models,
  };
}

/**
 * Compares a declaration with the stored one. Fields may be added and gain uses; what would make stored columns,
 * vectors or postings wrong is refused with `schema_conflict`.
 */
export function evolveSchema(stored: CollectionSettings, input: CollectionInput): SchemaEvolution {
  const fields = evolvedFields(stored.fields, normalizedFields(input.fields));
  if (input.metric !== undefined && input.metric !== stored.metric) {
    conflict(`The metric is ${stored.metric} and cannot become ${input.metric}.`, { metric: input.metric });
  }
  if (input.language !== undefined && input.language !== stored.language) {
    conflict(`The language is ${stored.language} and cannot become ${input.language}.`, { language: input.language });
  }
  const models = { ...defaultModels(fields), ...stored.models, ...defined(input.models ?? {}) };
  for (const modality of ['text', 'image'] as const) {
    const before = stored.models[modality];
    if (before !== undefined && models[modality] !== before) {
      conflict(`The ${modality} model is ${before}; another model needs a new release, not a new schema.`, { models });
    }
  }
  const parts = mergedParts(stored.parts, input.parts);
  const ranking = mergedRanking(stored.ranking, input.ranking);
  const settings = { fields, metric: stored.metric, parts, language: stored.language, ranking, models };
  const before = new Map(columnsOf(stored.fields).map((column) => [column.name, column]));
  return {
    settings,
    columns: columnsOf(fields).filter((column) => !before.has(column.name)),
    embedChanged: !sameJson(embedView(stored), embedView(settings)),
    lexicalChanged: !sameJson(lexicalView(stored.fields), lexicalView(fields)),
    rankingChanged: !sameJson(stored.ranking, ranking),
    changed: !sameJson(ordered(stored), ordered(settings)),
  };
}

export function mergedRanking(stored: RankingSettings, patch: RankingPatch | undefined): RankingSettings {
  return {
    lexicalWeight: patch?.lexicalWeight ?? stored.lexicalWeight,
    memory: { ...stored.memory, ...defined(patch?.memory ?? {}) },
    exploration: { ...stored.exploration, ...defined(patch?.exploration ?? {}) },
    profile: { ...stored.profile, ...defined(patch?.profile ?? {}) },
  };
}

/** Ranking settings as a database keeps them: what was stored before a setting existed has its default. */
export const storedRanking = (stored: object): RankingSettings =>
  mergedRanking(DEFAULT_RANKING, stored as RankingPatch);

function mergedParts(stored: PartSettings, input: CollectionInput['parts']): PartSettings {
  return { split: input?.split ?? stored.split, aggregate: input?.aggregate ?? stored.aggregate };
}

/** Stored fields keep their places, because columns are named by them; new ones follow. */
function evolvedFields(stored: Fields, declared: Fields): Fields {
  const columns = columnsOf(stored);
  const lastColumn = Math.max(-1, ...columns.map((column) => Number(column.name.slice(1))));
  const kept: Record<string, Field> = {};
  Object.entries(stored).forEach(([name, before], position) => {
    const after = declared[name];
    if (after === undefined) {
      if (position <= lastColumn) {
        conflict(
          `The field "${name}" cannot be removed, because fields that are filtered, faceted or sorted are stored by their place after it.`,
          { field: name },
        );
      }
      return;
    }
    if (after.type !== before.type) {
      conflict(`The field "${name}" is of type ${before.type} and cannot become ${after.type}.`, { field: name });
    }
    if ((after.multiple ?? false) !== (before.multiple ?? false)) {
      conflict(`The field "${name}" cannot change between one value and a list of values.`, { field: name });
    }
    kept[name] = after;
  });
  return { ...kept, ...Object.fromEntries(Object.entries(declared).filter(([name]) => !Object.hasOwn(stored, name))) };
}

/** Uses that are off are left out, so that `filter: false` and no `filter` are one declaration. */
function normalizedFields(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      Object.fromEntries(
        Object.entries(field)
          .filter(([, value]) => value !== undefined && value !== false)
          .map(([key, value]) => [key, key === 'lexical' && value === true ? 1 : value]),
      ) as unknown as Field,
    ]),
  );
}

const embedView = (settings: Pick<CollectionSettings, 'fields' | 'parts'>): unknown => [
  settings.parts.split,
  Object.entries(settings.fields)
    .filter(([, field]) => field.embed === true)
    .map(([name]) => name),
];

const lexicalView = (fields: Fields): unknown =>
  Object.entries(fields)
    .filter(([, field]) => field.lexical !== undefined)
    .map(([name, field]) => [name, field.lexical]);

const ordered = ({ fields, metric, parts, language, ranking, models }: CollectionSettings): unknown => [
  Object.entries(fields),
  metric,
  parts,
  language,
  ranking,
  models,
];

// jsonb does not keep the order of keys, so equality is of the sorted form.
const sameJson = (left: unknown, right: unknown): boolean => canonicalJson(left) === canonicalJson(right);

function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function conflict(message: string, details: Record<string, unknown>): never {
  throw new StudioError('schema_conflict', message, { details });
}
