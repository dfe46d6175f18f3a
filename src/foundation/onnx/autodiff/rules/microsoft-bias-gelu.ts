import { biasedActivation } from '../support/biased-activation.ts';
import { exactGeluSlope } from '../support/gelu.ts';

/** The exact form of input plus bias. */
export const microsoftBiasGeluRule = biasedActivation('com.microsoft.BiasGelu', exactGeluSlope);
