import type { ErrorCode } from '../../../foundation/core/error-table.ts';
import type { TrainModelOptions } from '../train-model-options.ts';
import type { TrainingEvent } from '../training-event.ts';
import type { DenseQuality } from './dense-quality.ts';

/** What the training's thread is given: everything else it reads from files. */
export interface TrainingJob extends Pick<TrainModelOptions, 'recipe' | 'settings' | 'origin'> {
  /** Folder of the model to begin with. */
  readonly model: string;
  readonly out: string;
  readonly snapshots: string;
  readonly snapshot: string;
  readonly patience: number;
  readonly checkpointEvery: number;
  readonly threads: number;
  readonly memoryLimitBytes: number;
}

/** What came out. */
export interface TrainedOutcome {
  readonly steps: number;
  readonly stoppedEarly: boolean;
  readonly lastLoss: number | null;
  /** The dense ranking before and after; null where no query watches. */
  readonly validation: DenseQuality | null;
}

export type TrainingMessage =
  | { readonly type: 'event'; readonly event: TrainingEvent }
  | { readonly type: 'done'; readonly outcome: TrainedOutcome }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined };
