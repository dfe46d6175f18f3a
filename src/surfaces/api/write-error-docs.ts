import { writeFile } from 'node:fs/promises';
import { errorPage } from './error-page.ts';

// npm run docs:errors: brings docs/errors.md up to date.
await writeFile(new URL('../../../docs/errors.md', import.meta.url), errorPage());
