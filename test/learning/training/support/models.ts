import { fileURLToPath } from 'node:url';

/** The models that the repository carries. */
export const starterFolder = fileURLToPath(new URL('../../../../models/starter', import.meta.url));
export const imageFolder = fileURLToPath(new URL('../../../../models/starter-image', import.meta.url));
