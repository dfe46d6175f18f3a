import { call } from './api.js';
import { emptyInstallation, failure, noHits } from './blank.js';
import { $, element } from './dom.js';
import { facetPanel } from './facets.js';
import { hitCard } from './hit.js';

const PAGE = 24;
let collection = null;
let stale = null;
let last = { searchId: null, nextCursor: null, text: null, places: new Map() };
let pinned = null;

const facets = facetPanel($('facets'), () => void search());
const path = (rest = '') => `v1/collections/${encodeURIComponent(collection.name)}${rest}`;

function filterOf() {
  const clauses = facets.clauses();
  const text = $('filter').value.trim();
  $('filter-error').textContent = '';
  if (text !== '') {
    try {
      clauses.push(JSON.parse(text));
    } catch {
      $('filter-error').textContent = 'This is no JSON.';
    }
  }
  return clauses.length === 0 ? undefined : { bool: { filter: clauses } };
}

function requestOf(cursor) {
  const text = $('query').value.trim();
  const query = pinned?.query ?? (text === '' ? undefined : text);
  const names = Object.keys(collection.fields);
  const wanted = names.filter((name) => collection.fields[name].facet);
  return {
    ...(query === undefined
      ? {}
      : {
          query,
          mode: pinned === null ? document.querySelector('[name=mode]:checked').value : 'vector',
          explain: true,
          highlight: true,
        }),
    filter: filterOf(),
    ...(wanted.length > 0 ? { facets: wanted } : {}),
    ...($('sort').value === '' ? {} : { sort: [JSON.parse($('sort').value)] }),
    limit: PAGE,
    ...(cursor ? { cursor } : {}),
  };
}

async function search(cursor = null) {
  stale?.abort();
  stale = new AbortController();
  $('status').textContent = 'Searching …';
  $('clear').hidden = facets.size === 0 && $('filter').value.trim() === '';
  try {
    const answer = await call('POST', path('/search'), requestOf(cursor), stale.signal);
    draw(answer, cursor !== null);
  } catch (error) {
    if (error.name === 'AbortError') return;
    if (/filter|field_not/.test(error.code ?? '') && $('filter').value.trim() !== '')
      $('filter-error').textContent = error.message;
    $('status').textContent = '';
    $('hits').replaceChildren();
    $('more').hidden = true;
    blank(failure(error.message, () => void search()));
  }
}

function draw(answer, more) {
  const text = pinned === null ? $('query').value.trim() : null;
  const before = last.text === text && text !== null && text !== '' ? last.places : new Map();
  const cards = answer.hits.map((hit) =>
    hitCard(hit, {
      fields: collection.fields,
      movement: more || !before.has(hit.id) ? 0 : before.get(hit.id) - hit.position,
      onOpen: (opened) => void remember(answer.searchId, opened),
      onAlike: (alike) => pin({ query: { itemId: alike.id } }, `More like “${alike.id}”`),
    }),
  );
  if (more) $('hits').append(...cards);
  else $('hits').replaceChildren(...cards);
  const places = new Map(answer.hits.map((hit) => [hit.id, hit.position]));
  last = {
    searchId: answer.searchId,
    nextCursor: answer.nextCursor ?? null,
    text,
    places: more ? new Map([...last.places, ...places]) : places,
  };
  const { value, exact } = answer.total;
  const count = `${value.toLocaleString('en')}${exact ? '' : '+'}`;
  $('status').textContent = value === 0 ? 'Nothing found.' : `${count} found in ${Math.round(answer.tookMs)} ms`;
  blank(answer.hits.length === 0 && !more ? noHits(waysOut()) : []);
  $('note').hidden = !answer.warnings;
  $('note').textContent = (answer.warnings ?? []).join(' ');
  $('more').hidden = last.nextCursor === null;
  $('release').textContent = `release ${answer.release}`;
  if (answer.facets && !more) facets.draw(answer.facets);
}

function blank(content) {
  $('blank').hidden = content.length === 0;
  $('blank').replaceChildren(...content);
}

/** What may be in the way of hits, with what takes it away. */
function waysOut() {
  const mode = document.querySelector('[name=mode]:checked').value;
  return [
    ...($('clear').hidden ? [] : [['clear the filters', clearFilters]]),
    ...($('query').value.trim() !== '' && mode === 'lexical'
      ? [['search by meaning, too', () => setMode('hybrid')]]
      : []),
    ...($('query').value.trim() !== '' || pinned !== null ? [['show everything', showEverything]] : []),
  ];
}

function setMode(mode) {
  document.querySelector(`[name=mode][value=${mode}]`).checked = true;
  void search();
}

function clearFilters() {
  facets.reset();
  $('filter').value = '';
  void search();
}

function showEverything() {
  unpin();
  $('query').value = '';
  clearFilters();
}

async function remember(searchId, hit) {
  if (last.text === null || last.text === '') return;
  try {
    await call('POST', 'v1/events', { events: [{ searchId, itemId: hit.id, type: 'click' }] });
    toast('Click remembered. The next search knows it.', 'search again', () => void search());
  } catch (error) {
    toast(error.message);
  }
}

let toastTimer;
function toast(sentence, label, action) {
  clearTimeout(toastTimer);
  const button =
    label === undefined
      ? null
      : element(
          'button',
          {
            type: 'button',
            onclick: () => {
              $('toast').classList.remove('shown');
              action();
            },
          },
          label,
        );
  $('toast').replaceChildren(...[sentence, button].filter((part) => part !== null));
  $('toast').classList.add('shown');
  toastTimer = setTimeout(() => $('toast').classList.remove('shown'), 6000);
}

function pin(what, label) {
  pinned = what;
  $('query').value = '';
  $('query').placeholder = label;
  void search();
}

function unpin() {
  pinned = null;
  $('query').placeholder = 'Search by meaning or by word';
}

async function searchByPicture(file) {
  const reader = new FileReader();
  reader.onload = () => pin({ query: { image: reader.result } }, `Like the picture ${file.name}`);
  reader.readAsDataURL(file);
}

function takesPictures() {
  return Object.values(collection.fields).some((field) => field.type === 'image' && field.embed);
}

async function choose(name) {
  collection = await call('GET', `v1/collections/${encodeURIComponent(name)}`);
  location.hash = encodeURIComponent(name);
  unpin();
  facets.reset();
  $('facets').replaceChildren();
  for (const id of ['form', 'filters', 'collection-pick']) $(id).hidden = false;
  const sortable = Object.keys(collection.fields).filter((field) => collection.fields[field].sort);
  $('sort-pick').hidden = sortable.length === 0;
  $('sort').replaceChildren(
    element('option', { value: '' }, 'best first'),
    ...sortable.flatMap((field) =>
      ['asc', 'desc'].map((order) =>
        element('option', { value: JSON.stringify({ field, order }) }, `${field} ${order === 'asc' ? '↑' : '↓'}`),
      ),
    ),
  );
  $('picture-pick').hidden = !takesPictures();
  await search();
}

let typing;
$('query').addEventListener('input', () => {
  unpin();
  clearTimeout(typing);
  typing = setTimeout(() => void search(), 180);
});
$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  clearTimeout(typing);
  void search();
});
for (const mode of document.querySelectorAll('[name=mode]')) mode.addEventListener('change', () => void search());
$('sort').addEventListener('change', () => void search());
$('filter').addEventListener('change', () => void search());
$('clear').addEventListener('click', clearFilters);
$('more').addEventListener('click', () => void search(last.nextCursor));
$('collection').addEventListener('change', () => void choose($('collection').value));
$('picture-pick').addEventListener('click', () => $('picture').click());
$('picture').addEventListener('change', () => $('picture').files[0] && void searchByPicture($('picture').files[0]));
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer.files;
  if (file?.type.startsWith('image/') && takesPictures()) void searchByPicture(file);
});
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    $('query').focus();
  }
});

// On a phone the results come first.
if (matchMedia('(max-width: 46rem)').matches) $('filters').open = false;
try {
  await begin();
} catch (error) {
  blank(failure(error.message, () => location.reload()));
}

async function begin() {
  const { collections } = await call('GET', 'v1/collections');
  $('collection').replaceChildren(...collections.map(({ name }) => element('option', { value: name }, name)));
  const asked = decodeURIComponent(location.hash.slice(1));
  const first = collections.find(({ name }) => name === asked) ?? collections[0];
  if (first === undefined) blank(emptyInstallation());
  else {
    $('collection').value = first.name;
    await choose(first.name);
  }
}
