/** A trainable weight and where it stands: the layer's number, −1 below the first layer, the number of layers above the last. */
export interface PlacedParameter {
  readonly name: string;
  readonly layer: number;
}

export interface LayeredParameters {
  /** In the order in which the graph first uses them. */
  readonly parameters: readonly PlacedParameter[];
  /** How many layers were recognised; 0 when none were. */
  readonly layers: number;
}
