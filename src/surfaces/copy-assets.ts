import { cp, readdir } from 'node:fs/promises';

// Part of npm run build: tsc leaves out what is not TypeScript. The page is HTML, CSS and JavaScript, the
// tracker JavaScript that browsers get as it is; the ONNX file format is generated JavaScript with its declarations.
for (const folder of ['surfaces/studio/', 'surfaces/tracker/', 'foundation/onnx/proto/']) {
  const from = new URL(`../${folder}`, import.meta.url);
  const to = new URL(`../../dist/${folder}`, import.meta.url);
  for (const name of await readdir(from)) {
    if (name.endsWith('.d.ts') || !/\.(ts|md)$/.test(name)) {
      await cp(new URL(name, from), new URL(name, to), { recursive: true });
    }
  }
}
