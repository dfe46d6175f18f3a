/** What a training says of itself while it runs. */
export type TrainingEvent =
  | {
      /** Before the first step: what is encoded once, texts or pictures. */
      readonly type: 'preparing';
      readonly what: string;
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly type: 'started';
      readonly steps: number;
      /** The first step that runs: above 0 when a checkpoint is continued. */
      readonly firstStep: number;
      readonly trainedParameters: number;
      /** What the training needs beside the process itself. */
      readonly memoryBytes: number;
      /** The same as a sentence: "needs about 2.1 GB". */
      readonly memory: string;
    }
  | {
      readonly type: 'step';
      /** From 1. */
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      readonly learningRate: number;
      /** Length of the gradient over all trained weights, before clipping. */
      readonly gradientNorm: number;
      /** Padded tokens, or inputs where there are no tokens, of this step per second. */
      readonly tokensPerSecond: number;
      readonly etaSeconds: number;
    }
  | {
      readonly type: 'evaluated';
      readonly step: number;
      /** Mean loss on the held-out batches. */
      readonly loss: number;
      readonly best: boolean;
    }
  | { readonly type: 'checkpointed'; readonly step: number; readonly file: string }
  | { readonly type: 'finished'; readonly step: number; readonly seconds: number; readonly stoppedEarly: boolean }
  | { readonly type: 'cancelled'; readonly step: number };

/** "2.1 GB", "85 MB". */
export const memoryText = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`;
