import { StudioError } from '../../../foundation/core/errors.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import type { Sql } from '../../collections/item-tables.ts';
import type { Collection } from '../../collections/schema.ts';
import { composeItem, type ItemContent } from '../../content/compose.ts';
import { splitText } from '../../content/split-text.ts';
import type { Encoder, EncoderInput } from '../../encoders/encoder.ts';
import type { Change, IndexFailure, IndexWriter, PreparedBatch } from '../ports.ts';
import { describeFailure, isItemFault } from './failures.ts';

/** One vector to store. `text` is kept only where an item has several parts. */
export interface VectorRow {
  readonly key: number;
  readonly part: number;
  readonly text: string | null;
  readonly embedding: Float32Array;
}

/** An index row of one output of the writer's model. */
export interface VectorTarget {
  readonly id: number;
  readonly output: string;
}

export interface VectorWriterOptions<Target extends VectorTarget = VectorTarget> {
  readonly collection: Pick<Collection, 'fields' | 'parts'>;
  readonly encoder: Encoder;
  readonly blobs: BlobStore;
  /** All outputs of the encoder that are indexed. */
  readonly targets: readonly Target[];
  /** Puts `rows` in the place of whatever the index holds of `keys`. */
  readonly replaceVectors: (
    transaction: Sql,
    target: Target,
    keys: readonly number[],
    rows: readonly VectorRow[],
  ) => Promise<void>;
}

/** One thing to encode, and where its vector belongs. */
interface Piece {
  readonly change: Change;
  readonly part: number;
  readonly text: string | null;
  readonly input: EncoderInput;
}

type Vectors = Readonly<Record<string, Float32Array>>;

/** Composes, splits and encodes items of one modality into the vectors of one model. */
export function createVectorWriter<Target extends VectorTarget>(options: VectorWriterOptions<Target>): IndexWriter {
  const { collection, encoder, blobs, targets, replaceVectors } = options;

  async function piecesOf(change: Change): Promise<Piece[]> {
    const content = composeItem(collection.fields, change.payload);
    return encoder.modality === 'image' ? await picturesOf(change, content) : textsOf(change, content);
  }

  function textsOf(change: Change, content: ItemContent): Piece[] {
    const countTokens = encoder.countTokens?.bind(encoder);
    const parts = splitText(content.text, collection.parts.split, countTokens);
    const keepsText = collection.parts.split.kind !== 'none';
    return parts.map(({ text }, part) => ({ change, part, text: keepsText ? text : null, input: { text } }));
  }

  async function picturesOf(change: Change, content: ItemContent): Promise<Piece[]> {
    return await Promise.all(
      content.images.map(async (hash, part) => ({
        change,
        part,
        text: null,
        input: { image: (await blobs.get(hash)).content },
      })),
    );
  }

  return {
    indexIds: targets.map((target) => target.id),

    async prepare(changes: readonly Change[]): Promise<PreparedBatch> {
      const failures: IndexFailure[] = [];
      const pieces: Piece[] = [];
      for (const change of changes) {
        if (change.deleted) continue;
        try {
          pieces.push(...(await piecesOf(change)));
        } catch (error) {
          if (!isItemFault(error)) throw error;
          failures.push(describeFailure(change, 'split', error));
        }
      }
      const encoded = await encodeAll(encoder, pieces, failures);
      const keys = changes.map((change) => change.key);
      return {
        failures,
        async write(transaction) {
          for (const target of targets) {
            const rows = encoded.map(({ piece, vectors }) => ({
              key: piece.change.key,
              part: piece.part,
              text: piece.text,
              embedding: vectors[target.output]!,
            }));
            await replaceVectors(transaction, target, keys, rows);
          }
        },
      };
    },
  };
}

interface EncodedPiece {
  readonly piece: Piece;
  readonly vectors: Vectors;
}

/** Encodes all at once; what the encoder refuses by its index is set aside with its whole item, and the rest is tried again. */
async function encodeAll(
  encoder: Encoder,
  pieces: readonly Piece[],
  failures: IndexFailure[],
): Promise<EncodedPiece[]> {
  let left = pieces;
  while (left.length > 0) {
    try {
      const vectors = await encoder.encodeItems(left.map((piece) => piece.input));
      return left.map((piece, index) => ({ piece, vectors: vectors[index]! }));
    } catch (error) {
      const index = StudioError.isInstance(error) ? error.details?.index : undefined;
      const refused = typeof index === 'number' ? left[index] : undefined;
      if (refused === undefined || !isItemFault(error)) throw error;
      failures.push(describeFailure(refused.change, 'encode', error));
      left = left.filter((piece) => piece.change.key !== refused.change.key);
    }
  }
  return [];
}
