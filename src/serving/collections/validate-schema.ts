import { z } from 'zod';
import { StudioError } from '../../foundation/core/errors.ts';
import { languages } from '../../foundation/core/text/stemming.ts';
import type { PartAggregation, Splitter } from './schema.ts';
import { type Collection, FIELD_TYPES, type Field, type Fields, type FieldType, type Metric } from './schema.ts';

export const MAX_FIELDS = 200;
export const MAX_FIELD_NAME_LENGTH = 64;

const fieldSchema = z.strictObject({
  type: z.enum(FIELD_TYPES),
  embed: z.boolean().optional(),
  lexical: z.union([z.boolean(), z.number().positive().max(100)]).optional(),
  filter: z.boolean().optional(),
  facet: z.boolean().optional(),
  sort: z.boolean().optional(),
  multiple: z.boolean().optional(),
});

const splitterSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('sentence'), maxSentences: z.int().min(1).max(1000).optional() }),
  z.strictObject({ kind: z.literal('separator'), separator: z.string().min(1).max(100) }),
  z.strictObject({ kind: z.literal('markdown') }),
  z
    .strictObject({
      kind: z.literal('tokens'),
      maxTokens: z.int().min(8).max(8192),
      overlapTokens: z.int().min(0).optional(),
    })
    .refine(
      (value) => (value.overlapTokens ?? 0) <= value.maxTokens / 2,
      'overlapTokens must be at most half of maxTokens',
    ),
]);

const unit = z.number().min(0).max(1);

export const rankingPatchSchema = z.strictObject({
  lexicalWeight: unit.optional(),
  memory: z
    .strictObject({
      enabled: z.boolean().optional(),
      strength: z.number().min(0).max(10).optional(),
      prior: z.number().positive().max(1e6).optional(),
      minSimilarity: z.number().min(-1).max(1).optional(),
      limit: z.number().min(0).max(10).optional(),
      halfLifeDays: z.number().positive().max(36_500).optional(),
    })
    .optional(),
  exploration: z
    .strictObject({ share: z.number().min(0).max(0.5).optional(), depth: z.int().min(2).max(100).optional() })
    .optional(),
  profile: z
    .strictObject({
      enabled: z.boolean().optional(),
      strength: z.number().min(0).max(10).optional(),
      prior: z.number().positive().max(1e6).optional(),
      limit: z.number().min(0).max(10).optional(),
      halfLifeDays: z.number().positive().max(36_500).optional(),
    })
    .optional(),
});

const modelId = z.string().min(1).max(200);

export const collectionInputSchema = z.strictObject({
  fields: z.record(z.string(), fieldSchema),
  metric: z.enum(['cosine', 'dot', 'l2']).optional(),
  parts: z
    .strictObject({
      split: splitterSchema.optional(),
      aggregate: z
        .union([z.enum(['max', 'min', 'mean']), z.strictObject({ topMean: z.int().min(1).max(100) })])
        .optional(),
    })
    .optional(),
  language: z.enum(languages()).optional(),
  models: z.strictObject({ text: modelId.optional(), image: modelId.optional() }).optional(),
  ranking: rankingPatchSchema.optional(),
});

type DeepPartial<T> = { readonly [K in keyof T]?: (T[K] extends object ? DeepPartial<T[K]> : T[K]) | undefined };
export type RankingPatch = DeepPartial<Collection['ranking']>;

/** What a caller declares; what is left out keeps its stored value, or the default in a new collection. */
export interface CollectionInput {
  readonly fields: Fields;
  readonly metric?: Metric | undefined;
  readonly parts?:
    | { readonly split?: Splitter | undefined; readonly aggregate?: PartAggregation | undefined }
    | undefined;
  readonly language?: string | undefined;
  readonly models?: { readonly text?: string | undefined; readonly image?: string | undefined } | undefined;
  readonly ranking?: RankingPatch | undefined;
}

type Role = 'embed' | 'lexical' | 'filter' | 'facet' | 'sort' | 'multiple';

/** What each type of field may be used for, each with the sentence that refuses the rest. */
const ROLES: Readonly<Record<FieldType, { readonly roles: readonly Role[]; readonly hint: string }>> = {
  text: {
    roles: ['embed', 'lexical', 'filter', 'sort', 'multiple'],
    hint: 'Text is embedded, searched by word, filtered and sorted; declare it as keyword to count its values.',
  },
  keyword: { roles: ['embed', 'lexical', 'filter', 'facet', 'sort', 'multiple'], hint: '' },
  number: { roles: ['embed', 'lexical', 'filter', 'facet', 'sort', 'multiple'], hint: '' },
  boolean: {
    roles: ['embed', 'filter', 'facet', 'sort'],
    hint: 'A boolean is embedded, filtered, counted and sorted; it is one value.',
  },
  date: {
    roles: ['embed', 'filter', 'facet', 'sort', 'multiple'],
    hint: 'A date is embedded, filtered, counted and sorted; it is not searched by word.',
  },
  category: {
    roles: ['embed', 'lexical', 'filter', 'facet', 'multiple'],
    hint: 'A category is a path, which has no order; add a keyword or number field to sort by.',
  },
  geo: { roles: ['filter'], hint: 'A geo point is one value that is only filtered, by distance.' },
  image: { roles: ['embed', 'multiple'], hint: 'An image is only embedded; add a text field for words about it.' },
  vector: { roles: [], hint: 'A vector is stored with the item and read back.' },
};

// Segments cannot be whole numbers: JavaScript would move such a key before all others, and a column is named by its field's position.
const NAME = /^[\p{L}_][\p{L}\p{N}_-]*(\.[\p{L}\p{N}_][\p{L}\p{N}_-]*)*$/u;
const RESERVED = new Set(['id', 'version', '__proto__']);

/** Checks a declared schema as a whole and throws `invalid_schema` with a sentence about the first fault. */
export function validateSchema(input: unknown): CollectionInput {
  const parsed = collectionInputSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const path = issue.path.map(String).join('.');
    throw new StudioError('invalid_schema', path === '' ? `${issue.message}.` : `At ${path}: ${issue.message}.`, {
      details: { path: issue.path.map(String) },
    });
  }
  const declared = parsed.data as CollectionInput;
  const names = Object.keys(declared.fields);
  if (names.length === 0) refuse('A collection declares at least one field.', {});
  if (names.length > MAX_FIELDS)
    refuse(`A collection declares at most ${MAX_FIELDS} fields; these are ${names.length}.`, {});
  for (const [name, field] of Object.entries(declared.fields)) checkField(name, field);
  checkNesting(declared.fields);
  return declared;
}

function checkField(name: string, field: Field): void {
  const shown = JSON.stringify(name.slice(0, 80));
  if (name.length > MAX_FIELD_NAME_LENGTH || !NAME.test(name)) {
    refuse(
      `The field name ${shown} is not allowed: use 1 to ${MAX_FIELD_NAME_LENGTH} letters, digits, _ and -, beginning with a letter or _; dots go into nested objects.`,
      { field: name },
    );
  }
  if (name.split('.').some((segment) => segment === '__proto__') || RESERVED.has(name)) {
    refuse(`The field name ${shown} is reserved; choose another.`, { field: name });
  }
  const { roles, hint } = ROLES[field.type];
  for (const role of ['embed', 'lexical', 'filter', 'facet', 'sort', 'multiple'] as const) {
    if (field[role] !== undefined && field[role] !== false && !roles.includes(role)) {
      refuse(`The field ${shown} of type ${field.type} cannot have ${role}.`, { field: name, role }, hint);
    }
  }
  if (field.sort === true && field.multiple === true) {
    refuse(`The field ${shown} cannot have both sort and multiple: a list has no single place in an order.`, {
      field: name,
    });
  }
}

/** `maker` as a value and `maker.name` as a path into it contradict each other. */
function checkNesting(fields: Fields): void {
  for (const name of Object.keys(fields)) {
    const segments = name.split('.');
    for (let depth = 1; depth < segments.length; depth++) {
      const outer = segments.slice(0, depth).join('.');
      if (Object.hasOwn(fields, outer)) {
        refuse(
          `The field ${JSON.stringify(name)} lies inside the field ${JSON.stringify(outer)}; declare one of them.`,
          { field: name },
        );
      }
    }
  }
}

function refuse(message: string, details: Record<string, unknown>, hint?: string): never {
  throw new StudioError('invalid_schema', message, hint === undefined || hint === '' ? { details } : { details, hint });
}

const COLLECTION_NAME = /^[a-z][a-z0-9_-]{0,63}$/;

export function checkCollectionName(name: string): void {
  if (!COLLECTION_NAME.test(name)) {
    throw new StudioError(
      'invalid_collection_name',
      `The collection name ${JSON.stringify(name.slice(0, 80))} is not allowed.`,
    );
  }
}
