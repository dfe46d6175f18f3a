import { readIconItems } from '../../demo/icons.ts';

let names: string[] | undefined;

/** As many short items as wanted, from icon names with a number: texts of the length that titles have. */
export async function makeItems(
  start: number,
  count: number,
): Promise<Array<{ id: string; name: string; kind: string }>> {
  names ??= (await readIconItems({ pictures: false })).map((item) => `${item.name}. ${item.category ?? ''}`);
  const all = names;
  return Array.from({ length: count }, (_, i) => {
    const number = start + i;
    return {
      id: `item-${number}`,
      name: `${all[number % all.length]} ${all[(number * 7919) % all.length]} ${number}`,
      kind: `kind ${number % 20}`,
    };
  });
}
