import { element, marked } from './dom.js';

const pictureOf = (payload, fields) => {
  const name = Object.keys(fields).find((field) => fields[field].type === 'image');
  const value = name === undefined ? undefined : [payload[name]].flat()[0];
  return typeof value === 'string' && value.startsWith('blob:') ? `v1/blobs/${value.slice(5)}` : null;
};

const textFields = (fields) =>
  Object.keys(fields).filter((name) => ['text', 'keyword', 'category'].includes(fields[name].type));

/** One result: picture, title, what else it says, and on demand why it stands there. */
export function hitCard(hit, { fields, movement, onOpen, onAlike }) {
  const [first, ...others] = textFields(fields);
  const shown = (name) => hit.highlights?.[name] ?? { text: [hit.payload[name]].flat().join(', '), ranges: [] };
  const picture = pictureOf(hit.payload, fields);
  const rest = others.filter((name) => hit.payload[name] !== undefined).slice(0, 3);
  const why = element('div', { className: 'why', hidden: true });
  const title = first === undefined || hit.payload[first] === undefined ? [hit.id] : marked(shown(first));
  const name = element('span', {}, ...title.map((part) => part.cloneNode?.(true) ?? part)).textContent;
  const card = element(
    'li',
    { className: 'hit' },
    element(
      'div',
      { className: 'face' },
      picture === null ? null : element('img', { src: picture, alt: '', loading: 'lazy' }),
      // A button in the heading, not around it: the heading stays one for those who jump from one to the next.
      element('h2', {}, element('button', { className: 'open', type: 'button', onclick: () => onOpen(hit) }, ...title)),
      ...rest.map((field) => element('p', {}, ...marked(shown(field)))),
    ),
    element(
      'div',
      { className: 'row' },
      hit.score === 0 ? null : element('span', { title: 'score' }, hit.score.toFixed(3)),
      movement > 0
        ? element('span', { className: 'moved', title: 'places up since the last time' }, `▲ ${movement}`)
        : null,
      hit.explain
        ? element(
            'button',
            {
              type: 'button',
              ariaExpanded: 'false',
              ariaLabel: `why? ${name}`,
              onclick: (event) => toggle(event, card, why, hit.explain),
            },
            'why?',
          )
        : null,
      element('button', { type: 'button', ariaLabel: `similar to ${name}`, onclick: () => onAlike(hit) }, 'similar'),
    ),
    why,
  );
  return card;
}

function toggle({ currentTarget }, card, why, explain) {
  why.hidden = !why.hidden;
  card.classList.toggle('wide', !why.hidden);
  currentTarget.setAttribute('aria-expanded', String(!why.hidden));
  if (why.childElementCount === 0) why.append(...explanation(explain));
}

function explanation({ lexical, vector, signals, score }) {
  const parts = [
    [
      'lexical',
      'words',
      lexical === null ? 0 : lexical.weight * lexical.normalized,
      lexical === null ? 'no word in common' : `BM25 ${lexical.score.toFixed(2)}`,
    ],
    [
      'vector',
      'meaning',
      vector === null ? 0 : vector.weight * vector.normalized,
      vector === null ? 'no vector' : `similarity ${vector.similarity.toFixed(3)} (${vector.model})`,
    ],
    [
      'memory',
      'clicks',
      signals.memory?.boost ?? 0,
      signals.memory === undefined ? 'no clicks yet' : 'learned from clicks',
    ],
  ];
  const whole = Math.max(
    score,
    parts.reduce((sum, [, , value]) => sum + Math.max(0, value), 0),
    0.001,
  );
  const bar = element(
    'div',
    { className: 'bar' },
    ...parts.map(([name, , value]) =>
      element('span', { className: name, style: { width: `${(100 * Math.max(0, value)) / whole}%` } }),
    ),
  );
  const legend = element(
    'ul',
    {},
    ...parts.map(([name, label, value, note]) =>
      element('li', {}, element('i', { className: name }), `${label} ${value.toFixed(3)} · ${note}`),
    ),
  );
  const from = signals.memory?.why?.from ?? [];
  const sources = from
    .slice(0, 5)
    .map(({ query, similarity, clicks, expectedClicks, boost }) =>
      element(
        'li',
        {},
        `${query === null ? 'a query that few have asked' : `“${query}”`} (similarity ${similarity.toFixed(2)}): ${clicks.toFixed(1)} clicks where ${expectedClicks.toFixed(1)} were expected → ${boost >= 0 ? '+' : ''}${boost.toFixed(3)}`,
      ),
    );
  return [
    bar,
    legend,
    ...(sources.length === 0
      ? []
      : [element('p', {}, 'Queries whose clicks moved it:'), element('ul', {}, ...sources)]),
  ];
}
