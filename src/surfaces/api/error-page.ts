import { ERROR_TABLE } from '../../foundation/core/error-table.ts';

/** docs/errors.md: the error table for readers. */
export function errorPage(): string {
  const rows = Object.entries(ERROR_TABLE).map(
    ([code, row]: [string, { readonly status: number; readonly hint?: string }]) =>
      `| \`${code}\` | ${row.status} | ${(row.hint ?? 'The message says what is wrong.').replaceAll('|', '\\|')} |`,
  );
  return `# Errors

Every failure is answered as \`{"error": {"code", "message", "hint"?, "details"?, "requestId"}}\`. Codes are stable; messages may change.
The command line prints the message and the hint on standard error and exits with 1, or with 2 when the call itself was wrong.
This page is made from the error table by \`npm run docs:errors\`.

| code | status | what to do |
|---|---|---|
${rows.join('\n')}
`;
}
