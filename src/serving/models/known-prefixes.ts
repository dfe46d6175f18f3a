import type { Pooling } from './model-spec.ts';

interface Convention {
  readonly pattern: RegExp;
  readonly query: string;
  readonly item: string;
  readonly pooling: Pooling;
}

/** What the authors of widely used families ask for in their model cards and rarely write into their folders. */
const CONVENTIONS: readonly Convention[] = [
  // https://huggingface.co/intfloat/e5-base-v2: "Each input text should start with query: or passage: ".
  { pattern: /(^|[-_/])e5([-_]|$)(?!.*instruct)/i, query: 'query: ', item: 'passage: ', pooling: 'mean' },
  // https://huggingface.co/BAAI/bge-base-en-v1.5: an instruction for short queries, none for passages.
  {
    pattern: /(^|[-_/])bge[-_](small|base|large)[-_]en/i,
    query: 'Represent this sentence for searching relevant passages: ',
    item: '',
    pooling: 'cls',
  },
  {
    pattern: /(^|[-_/])bge[-_](small|base|large)[-_]zh/i,
    query: '为这个句子生成表示以用于检索相关文章：',
    item: '',
    pooling: 'cls',
  },
  { pattern: /(^|[-_/])bge[-_]/i, query: '', item: '', pooling: 'cls' },
  {
    pattern: /(^|[-_/])gte[-_].*(en|multilingual)[-_].*v1\.5|(^|[-_/])gte-multilingual/i,
    query: '',
    item: '',
    pooling: 'cls',
  },
];
const NONE: Omit<Convention, 'pattern'> = { query: '', item: '', pooling: 'mean' };

/** By the model's id or its original name; the folder's own files come before this. */
export function knownPrefixes(names: readonly string[]): Omit<Convention, 'pattern'> {
  return CONVENTIONS.find(({ pattern }) => names.some((name) => pattern.test(name))) ?? NONE;
}
