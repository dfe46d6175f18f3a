import { z } from 'zod';
import { knownPrefixes } from './known-prefixes.ts';
import type { ModelFiles } from './model-files.ts';
import { type ModelSpec, ownSpace, type Pooling } from './model-spec.ts';

const size = z.number().int().positive();
/** The transformer's configuration; its names for one thing differ by family. */
const configSchema = z.looseObject({
  _name_or_path: z.string().optional(),
  model_type: z.string().optional(),
  hidden_size: size.optional(),
  dim: size.optional(),
  d_model: size.optional(),
  max_position_embeddings: size.optional(),
  n_positions: size.optional(),
});
const modulesSchema = z.array(z.looseObject({ type: z.string(), path: z.string().default('') }));
const poolingSchema = z.record(z.string(), z.unknown());
const sentenceSchema = z.looseObject({ max_seq_length: size.nullish() });
const tokenizerSchema = z.looseObject({ model_max_length: z.number().positive().nullish() });
const promptsSchema = z.looseObject({ prompts: z.record(z.string(), z.string()).nullish() });
const denseSchema = z.looseObject({ out_features: size });

/** Positions that RoBERTa and its kin keep for padding, so that their longest text is shorter. */
const RESERVED_POSITIONS = 2;
const ROBERTA_LIKE = /roberta|camembert|mpnet|xlm/;
/** Texts are cut at this length where no file says anything. */
const DEFAULT_MAX_TOKENS = 512;

/**
 * Reads what `sentence-transformers` saves, and plain exports of E5, BGE, MiniLM and their like: `config.json`,
 * `modules.json`, `1_Pooling/config.json`, `sentence_bert_config.json`, `config_sentence_transformers.json`,
 * `tokenizer_config.json`. Throws `invalid_model`.
 */
export async function readSentenceTransformers(files: ModelFiles, onnxFile: string): Promise<ModelSpec> {
  const config = await files.json('config.json', configSchema);
  if (config === null || (await files.first(['tokenizer.json'])) === null) {
    throw files.invalid(
      `The folder "${files.folder}" has neither card.json nor config.json with tokenizer.json.`,
      'Export the model with its configuration and its fast tokenizer, or write a card.json as models/starter has one.',
    );
  }
  const modules = await files.json('modules.json', modulesSchema);
  const typeOf = (kind: string) => modules?.find((module) => module.type.endsWith(kind));
  const poolingFolder = typeOf('Pooling')?.path || '1_Pooling';
  const pooling = await files.json(`${poolingFolder}/config.json`, poolingSchema);
  const dense = typeOf('Dense');
  const denseConfig = dense === undefined ? null : await files.json(`${dense.path}/config.json`, denseSchema);
  const names = [files.id, config._name_or_path ?? ''];
  const known = knownPrefixes(names);
  const prompts = (await files.json('config_sentence_transformers.json', promptsSchema))?.prompts ?? {};
  const dimensions = denseConfig?.out_features ?? config.hidden_size ?? config.dim ?? config.d_model;
  if (dimensions === undefined) {
    throw files.invalid(
      `${files.folder}/config.json does not give hidden_size.`,
      'Write a card.json with the dimensions.',
    );
  }
  const name = 'sentence_embedding';
  const output = {
    name,
    dimensions,
    space: ownSpace(files.id, name),
    // Without modules.json nothing is known; length 1 is what cosine makes of any vector.
    normalized: modules === null || typeOf('Normalize') !== undefined,
    pooling: pooling === null ? known.pooling : poolingOf(files, poolingFolder, pooling),
  };
  return {
    id: files.id,
    folder: files.folder,
    modality: 'text',
    onnxFile,
    outputs: [output],
    maxTokens: await maxTokensOf(files, config),
    prefixes: {
      query: prompts.query || known.query,
      item: prompts.passage || prompts.document || known.item,
    },
    pooledByGraph: dense !== undefined,
    card: { source: 'sentence-transformers', config },
  };
}

/** The shortest of the limits that the files give. */
async function maxTokensOf(files: ModelFiles, config: z.infer<typeof configSchema>): Promise<number> {
  const sentence = await files.json('sentence_bert_config.json', sentenceSchema);
  const tokenizer = await files.json('tokenizer_config.json', tokenizerSchema);
  const reserved = ROBERTA_LIKE.test(config.model_type ?? '') ? RESERVED_POSITIONS : 0;
  const positions = (config.max_position_embeddings ?? config.n_positions ?? Number.POSITIVE_INFINITY) - reserved;
  const declared = sentence?.max_seq_length ?? tokenizer?.model_max_length ?? DEFAULT_MAX_TOKENS;
  // "No limit" is written as 1e30 by the tokenizers library.
  return Math.min(declared > 1e9 ? DEFAULT_MAX_TOKENS : declared, positions);
}

const POOLINGS: Readonly<Record<string, Pooling>> = {
  mean: 'mean',
  mean_tokens: 'mean',
  cls: 'cls',
  cls_token: 'cls',
  max: 'max',
  max_tokens: 'max',
  lasttoken: 'last',
};

/** Older files have a flag per mode, newer ones a single name. */
function poolingOf(files: ModelFiles, folder: string, config: Record<string, unknown>): Pooling {
  const flags = Object.keys(config).filter((key) => key.startsWith('pooling_mode_') && config[key] === true);
  const modes = typeof config.pooling_mode === 'string' ? [config.pooling_mode] : flags.map((flag) => flag.slice(13));
  const pooling = POOLINGS[modes[0] ?? 'mean'];
  if (pooling !== undefined && modes.length <= 1) return pooling;
  throw files.invalid(
    `${files.folder}/${folder}/config.json asks for pooling by ${modes.join(' and ')}, which is not supported.`,
    'Supported are mean, cls, max and lasttoken, one of them; or export the graph with its pooling and write a card.json.',
  );
}
