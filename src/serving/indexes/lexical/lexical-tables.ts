import { createAnalyzer } from '../../../foundation/core/text/analyzer.ts';
import { composeItem } from '../../content/compose.ts';
import type { LexicalTables } from '../follow/group-kinds.ts';
import { createLexicalTables, dropLexicalTables } from './lexical-queries.ts';
import { createLexicalWriter } from './lexical-writer.ts';

/** The lexical side of the followers. */
export const lexicalTables: LexicalTables = {
  create: createLexicalTables,
  drop: dropLexicalTables,
  writer: (indexId, collection) =>
    createLexicalWriter({
      indexId,
      lexicalContent: (payload) => composeItem(collection.fields, payload).lexical,
      indexTerms: createAnalyzer(collection.language).indexTerms,
    }),
};
