import { cp, readdir } from 'node:fs/promises';

// Part of npm run build: tsc leaves out what is not TypeScript, and the page is HTML, CSS and JavaScript.
const from = new URL('./studio/', import.meta.url);
const to = new URL('../../dist/surfaces/studio/', import.meta.url);
for (const name of await readdir(from)) {
  if (!name.endsWith('.ts')) await cp(new URL(name, from), new URL(name, to), { recursive: true });
}
