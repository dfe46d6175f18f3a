const COLORS = ['red', 'blue', 'green', 'black', 'white', 'brown'];
const THINGS = ['table', 'lamp', 'chair', 'shelf', 'carpet', 'mirror', 'sofa', 'candle', 'vase', 'curtain'];

/** Sixty things with a colour each. */
export const ITEMS = THINGS.flatMap((thing) =>
  COLORS.map((color) => ({ id: `${color} ${thing}`, name: `${color} ${thing}`, color })),
);

/** Each thing asked for by its name: the right one is worth 2, the same thing in another colour 1. */
export const JUDGMENTS = ITEMS.flatMap(({ id, color }) => {
  const thing = id.slice(color.length + 1);
  return COLORS.map((other) => ({ query: id, itemId: `${other} ${thing}`, grade: other === color ? 2 : 1 }));
});

export const FIELDS = {
  name: { type: 'text', embed: true, lexical: true },
  color: { type: 'keyword', filter: true },
} as const;
