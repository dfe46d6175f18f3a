import { writeFile } from 'node:fs/promises';
import { openApiDocument } from './openapi.ts';

// npm run openapi: brings openapi.json at the root of the repository up to date.
const target = new URL('../../../openapi.json', import.meta.url);
await writeFile(target, `${JSON.stringify(openApiDocument(), null, 2)}\n`);
