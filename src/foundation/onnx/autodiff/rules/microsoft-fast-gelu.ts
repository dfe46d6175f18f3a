import { biasedActivation } from '../support/biased-activation.ts';
import { tanhGeluSlope } from '../support/gelu.ts';

/** The tanh form of the input, plus a bias if there is one. */
export const microsoftFastGeluRule = biasedActivation('com.microsoft.FastGelu', tanhGeluSlope);
