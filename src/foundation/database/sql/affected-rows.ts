/** Rows that an insert, update, delete or merge touched, from the command's tag: `INSERT 0 5`, `UPDATE 3`. */
export function affectedRows(tag: string): number {
  const match = /^(?:INSERT \d+|UPDATE|DELETE|MERGE) (\d+)$/.exec(tag);
  return match === null ? 0 : Number(match[1]);
}
