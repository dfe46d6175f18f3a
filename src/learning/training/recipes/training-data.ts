import { canonicalJson, sha256 } from '../../../foundation/core/hash.ts';
import type { PairRecord } from '../batches/pair-set.ts';
import type { DistillationLoss, PairLoss, ScoreLoss } from './recipe.ts';

/** Two texts and how alike they are. */
export interface ScoredPair {
  readonly left: string;
  readonly right: string;
  /** Larger is more alike; any scale for CoSENT, 0 to 1 for the squared error. */
  readonly score: number;
}

/** A picture's file, and a text that is right for it: the name of its class or its title. */
export interface LabelledPicture {
  readonly picture: string;
  readonly text: string;
}

/** What is trained from, and what is asked of it. */
export type TrainingData =
  | {
      readonly kind: 'pairs';
      readonly pairs: readonly PairRecord[];
      /** Further items, which serve as negatives. */
      readonly catalogue?: readonly string[];
      /** Judges instead of a share that is held out of `pairs`. */
      readonly validation?: readonly PairRecord[];
      readonly loss?: PairLoss;
    }
  | { readonly kind: 'scores'; readonly rows: readonly ScoredPair[]; readonly loss?: ScoreLoss }
  | {
      readonly kind: 'texts';
      readonly texts: readonly string[];
      /** Folder of the model whose vectors are wanted. */
      readonly teacher: string;
      readonly loss?: DistillationLoss;
    }
  | {
      readonly kind: 'pictures';
      readonly pictures: readonly LabelledPicture[];
      /** Folder of the model whose vectors of the texts pictures shall meet; it stays as it is. */
      readonly textModel: string;
      readonly loss?: undefined;
    };

/** For the card: what it was, how much of it, and its hash. */
export function describeData(data: TrainingData): Record<string, unknown> {
  switch (data.kind) {
    case 'pairs': {
      const { pairs, catalogue = [], validation } = data;
      return {
        description: `${pairs.length} pairs`,
        pairs: pairs.length,
        sha256: sha256(canonicalJson([pairs, catalogue, ...(validation === undefined ? [] : [validation])])),
      };
    }
    case 'scores':
      return {
        description: `${data.rows.length} scored pairs`,
        rows: data.rows.length,
        sha256: sha256(canonicalJson(data.rows)),
      };
    case 'texts':
      return {
        description: `${data.texts.length} texts`,
        texts: data.texts.length,
        sha256: sha256(canonicalJson(data.texts)),
      };
    case 'pictures':
      return {
        description: `${data.pictures.length} pictures`,
        pictures: data.pictures.length,
        sha256: sha256(canonicalJson(data.pictures)),
      };
  }
}
