import { elementwise } from '../support/elementwise.ts';
import { exactGeluSlope } from '../support/gelu.ts';

/** The exact form, as onnxruntime wrote it before the standard had it. */
export const microsoftGeluRule = elementwise('com.microsoft.Gelu', ({ builder, input, gradient }) =>
  builder.mul(gradient, exactGeluSlope(builder, input)),
);
