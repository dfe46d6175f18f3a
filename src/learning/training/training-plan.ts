import type { Tensor } from '../../foundation/onnx/graph/tensor.ts';
import type { OptimizerOptions } from '../../foundation/onnx/optimizers/create-optimizer.ts';
import type { ComputeOptions } from './compiled-steps.ts';
import type { Objective } from './objectives/objective.ts';
import type { TrainingEvent } from './training-event.ts';
import type { ValidationPlan } from './validation.ts';

export interface TrainingPlan {
  readonly objective: Objective;
  /** The trained weights as they are at the beginning, by the names that they have in the graphs. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly steps: number;
  readonly optimizer: OptimizerOptions;
  /** Batches whose gradients make one step; 1 by default. */
  readonly accumulate?: number;
  readonly validation?: ValidationPlan;
}

export interface CheckpointPlan {
  readonly file: string;
  readonly everySteps: number;
  /** Hash of what decides the outcome; a checkpoint of another training is refused. */
  readonly fingerprint: string;
  /** Go on from the file where there is one. */
  readonly resume: boolean;
}

export interface TrainingControls extends ComputeOptions {
  /** Ends the training before its next batch; one that is under way is finished first. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainingEvent) => void;
  readonly checkpoint?: CheckpointPlan;
  /** Refuse, before the first step, what needs more. */
  readonly memoryLimitBytes?: number;
}

export interface TrainingOutcome {
  readonly status: 'finished' | 'cancelled';
  /** Steps that are done. */
  readonly step: number;
  /** The trained weights: after the last step or, with patience, where the held-out loss was lowest. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Loss of each step that ran here. */
  readonly losses: readonly number[];
  readonly stoppedEarly: boolean;
}
