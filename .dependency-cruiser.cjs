/** The arrows of docs/architecture.md: foundation ← serving ← learning ← surfaces ← main. */
const wing = (name, ...forbidden) => ({
  name: `${name}-arrows`,
  severity: 'error',
  comment: `${name} must not import ${forbidden.join(', ')}`,
  from: { path: `^src/${name}/` },
  to: { path: `^src/(${forbidden.join('|')})` },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-to-tests', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|bench|demo)/' } },
    wing('foundation', 'serving', 'learning', 'surfaces', 'main', 'studio.ts'),
    wing('serving', 'learning', 'surfaces', 'main', 'studio.ts'),
    wing('learning', 'surfaces', 'main', 'studio.ts'),
    wing('surfaces', 'main'),
    {
      name: 'clients-know-the-contract-alone',
      severity: 'error',
      from: { path: '^src/surfaces/(sdk|studio)/' },
      to: { path: '^src/', pathNot: '^src/surfaces/(sdk|studio|api/contract)/' },
    },
    {
      name: 'one-door-to-each-engine',
      comment: 'Only the database folder knows the drivers.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/foundation/database/' },
      to: { path: 'node_modules/(pg|@electric-sql)/' },
    },
    {
      name: 'one-door-to-onnx-runtime',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(foundation/onnx|serving/encoders)/' },
      to: { path: 'node_modules/onnxruntime-node/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'], conditionNames: ['import', 'node', 'default'] },
  },
};
