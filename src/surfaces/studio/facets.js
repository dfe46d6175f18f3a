import { element } from './dom.js';

/** Facets as check boxes and number ranges; keeps what is chosen and says it as filters. */
export function facetPanel(root, onChange) {
  let chosen = {};
  const clauses = () =>
    Object.entries(chosen).flatMap(([field, { values, range }]) => [
      ...(values?.size > 0 ? [{ terms: { [field]: [...values] } }] : []),
      ...(range && Object.keys(range).length > 0 ? [{ range: { [field]: range } }] : []),
    ]);
  const of = (field) => (chosen[field] ??= { values: new Set(), range: {} });

  function box(field, { value, count }) {
    const { values } = of(field);
    const input = element('input', {
      type: 'checkbox',
      checked: values.has(value),
      onchange: () => {
        if (input.checked) values.add(value);
        else values.delete(value);
        onChange();
      },
    });
    return element(
      'label',
      {},
      input,
      element('span', {}, String(value)),
      element('small', {}, count.toLocaleString('en')),
    );
  }

  function edges(field, { min, max }) {
    const edge = (key, placeholder) => {
      const input = element('input', {
        type: 'number',
        placeholder: `${key === 'gte' ? 'from' : 'to'} ${placeholder}`,
        step: 'any',
        ariaLabel: `${field} ${key === 'gte' ? 'from' : 'to'}`,
        value: of(field).range[key] ?? '',
        onchange: () => {
          if (input.value === '') delete of(field).range[key];
          else of(field).range[key] = Number(input.value);
          onChange();
        },
      });
      return input;
    };
    return element('div', { className: 'edges' }, edge('gte', min), edge('lte', max));
  }

  return {
    clauses,
    get size() {
      return clauses().length;
    },
    reset() {
      chosen = {};
    },
    draw(facets) {
      root.replaceChildren(
        ...Object.entries(facets).flatMap(([field, { values, stats }]) => {
          const known = new Set(values.map((entry) => entry.value));
          const kept = [...of(field).values].filter((value) => !known.has(value)).map((value) => ({ value, count: 0 }));
          const boxes = [...values, ...kept].slice(0, 12).map((entry) => box(field, entry));
          if (boxes.length === 0 && stats === undefined) return [];
          return [
            element(
              'fieldset',
              {},
              element('legend', {}, field),
              ...boxes,
              stats === undefined ? null : edges(field, stats),
            ),
          ];
        }),
      );
    },
  };
}
