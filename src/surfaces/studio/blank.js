import { element } from './dom.js';

const code = (text) => element('pre', { tabIndex: 0 }, element('code', {}, text));

/** Nothing is here yet: how the first items get in. */
export function emptyInstallation() {
  return [
    element('h2', {}, 'Nothing to search yet'),
    element('p', {}, 'Import a file of items, one JSON object per line, each with an id:'),
    code(`embedding-studio import books books.ndjson --url ${location.origin}`),
    element('p', {}, 'or declare a collection and send items through the API:'),
    code(
      `curl -X PUT ${location.origin}/v1/collections/books -H 'content-type: application/json' \\\n` +
        `  -d '{"fields": {"title": {"type": "text", "embed": true, "lexical": true}}}'\n` +
        `curl ${location.origin}/v1/collections/books/items -H 'content-type: application/json' \\\n` +
        `  -d '{"items": [{"id": "1", "title": "A walk in the forest"}]}'`,
    ),
    element('p', {}, element('button', { type: 'button', onclick: () => location.reload() }, 'Look again')),
  ];
}

/** A search without hits: what may stand in the way, each with a way out. */
export function noHits(ways) {
  return [
    element('h2', {}, 'Nothing found'),
    element('p', {}, ways.length === 0 ? 'The collection has no items yet.' : 'Try other words, or:'),
    element(
      'p',
      { className: 'ways' },
      ...ways.map(([label, action]) => element('button', { type: 'button', onclick: action }, label)),
    ),
  ];
}

/** What went wrong, in the words of the server, and a second try. */
export function failure(message, retry) {
  return [
    element('h2', {}, 'That did not work'),
    element('p', { className: 'error' }, message),
    element('p', {}, element('button', { type: 'button', onclick: retry }, 'Try again')),
  ];
}
