import type { Model } from '../../../foundation/onnx/graph/graph.ts';
import type { Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import type { ModelOutput } from '../../../serving/models/model-spec.ts';
import type { Side } from '../objectives/objective.ts';
import type { OpenedEncoder } from '../sources/load-encoder.ts';
import type { SideName } from './side-name.ts';

export interface TrainedOutput extends Omit<ModelOutput, 'space'> {
  /**
   * `kept`: the parent's, because what it is compared with did not move. `trained`: that of this training, shared by all that
   * learned to meet in it. `own`: one that nothing else speaks.
   */
  readonly space: 'kept' | 'trained' | 'own';
}

/** A model that training made, to be written into a folder. */
export interface TrainedModel {
  /** The folder below the result's own; '' for that one. */
  readonly folder: '' | 'query';
  readonly model: Model;
  /** Where it comes from, when that is not the model that training began with. */
  readonly parent?: OpenedEncoder;
  /** What the graph gives and what is left to the encoder; the result decides on spaces. */
  readonly outputs: readonly TrainedOutput[];
  /** For queries alone: items keep the vectors of the parent. */
  readonly queriesOnly: boolean;
  /** Further graphs beside the encoder, by file name. */
  readonly beside?: Readonly<Record<string, Model>>;
}

/** What is trained: which weights, how texts become vectors through them, and what is left when training is over. */
export interface Trainee {
  /** The trained weights as they are at the beginning, by name. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Whether texts are trained to meet pictures, which are the items. */
  readonly trainsTexts?: boolean;
  /** Whether items' vectors move as well. */
  readonly movesItems: boolean;
  side(texts: readonly string[], side: SideName): Promise<Side>;
  result(values: ReadonlyMap<string, Tensor>): readonly TrainedModel[];
}
