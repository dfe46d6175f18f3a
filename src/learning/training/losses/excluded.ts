/** Added to a logit it takes the candidate out: exp(−10,000) is 0 in single precision, and no infinity enters the gradient. */
export const EXCLUDED = -1e4;
