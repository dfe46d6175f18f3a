/** Names of the click models, as they are asked for. */
export const CLICK_MODELS = [
  'position-based',
  'dynamic-bayesian',
  'simplified-dynamic-bayesian',
  'cascade',
  'coec',
  'naive',
] as const;
export type ClickModelName = (typeof CLICK_MODELS)[number];
