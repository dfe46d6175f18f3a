// Types and documentation: tracker.d.ts. One small file without dependencies, sent to browsers as it is.
const BATCH = 100;
/** What browsers let a closing page send is 64 KiB. */
const MAX_BYTES = 60_000;
const BATCH_MS = 1000;
const VIEW_MS = 1000;
const IDLE_MS = 30 * 60_000;
const MAX_WAIT_MS = 300_000;
/** An event that is sent so soon happened now: clocks of visitors are often wrong. */
const FRESH_MS = 10_000;

const silent = (work, otherwise) => {
  try {
    return work();
  } catch {
    return otherwise;
  }
};
const randomId = () =>
  crypto.randomUUID?.() ??
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

export function createTracker(options) {
  const nothing = () => {};
  // Rendered on a server, or in a browser without what it needs: nothing is tracked, and nothing breaks.
  const inert = { shown: nothing, click: nothing, convert: nothing, event: nothing, close: nothing };
  return silent(() => track(options ?? {}), { ...inert, flush: async () => {}, consent: 'denied' });
}

function track(options) {
  const { endpoint = '', session, maxQueue = 500, respectDoNotTrack = true } = options;
  const url = `${endpoint.replace(/\/+$/, '')}/v1/events`;
  const key = `embedding-studio ${url}`;
  const refused = respectDoNotTrack && (navigator.doNotTrack === '1' || navigator.globalPrivacyControl === true);
  let { consent = 'pending', user } = options;
  let store = options.storage === undefined ? silent(() => localStorage) : options.storage;
  const tab = options.storage === null ? null : silent(() => sessionStorage);
  let queue = [];
  let sending = false;
  let failures = 0;
  let timer;
  let own;
  const beaconed = new Set();
  const granted = () => consent === 'granted' && !refused;

  // The queue: kept in storage, which other tabs share; in memory before consent and where there is no storage.
  const read = () => {
    const kept = granted() && store ? silent(() => JSON.parse(store.getItem(key) ?? '[]')) : queue;
    return Array.isArray(kept) ? kept.filter((event) => event?.eventId) : queue;
  };
  const write = (events) => {
    queue = events.slice(-Math.max(1, maxQueue));
    if (!granted() || !store) return;
    try {
      if (queue.length > 0) store.setItem(key, JSON.stringify(queue));
      else store.removeItem(key);
    } catch {
      // Full or forbidden: from here on memory has to do.
      store = null;
    }
  };
  const push = (type, searchId, itemId, value) => {
    const event = {
      eventId: randomId(),
      searchId: `${searchId ?? ''}`,
      itemId: `${itemId ?? ''}`,
      type: `${type ?? ''}`,
    };
    // What the server refuses as a whole would take the batch with it.
    const fits = [event.searchId, event.itemId, event.type].every((text) => text && text.length <= 256);
    if (refused || consent === 'denied' || !fits) return;
    if (Number.isFinite(value)) event.value = value;
    if (user) event.user = `${user}`.slice(0, 256);
    write([...read(), { ...event, at: new Date().toISOString() }]);
    schedule(BATCH_MS);
  };

  // Delivery.
  const schedule = (ms) => {
    if (granted()) timer ??= setTimeout(flush, ms);
  };
  const cut = (events) => {
    const now = Date.now();
    const batch = [];
    let bytes = 20;
    for (const { at, ...event } of events.slice(0, BATCH)) {
      const sent = Math.abs(now - Date.parse(at)) < FRESH_MS ? event : { ...event, at };
      bytes += new Blob([JSON.stringify(sent)]).size + 1;
      if (bytes > MAX_BYTES && batch.length > 0) break;
      batch.push(sent);
    }
    return batch;
  };
  const drop = (batch) => {
    const ids = new Set(batch.map((event) => event.eventId));
    write(read().filter((event) => !ids.has(event.eventId)));
  };
  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    const batch = sending || !granted() ? [] : cut(read());
    if (batch.length === 0) return;
    sending = true;
    let wait = 0;
    try {
      const { status, headers } = await fetch(url, {
        method: 'POST',
        keepalive: true,
        credentials: 'omit',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ events: batch }),
      });
      if (status >= 500 || status === 429 || status === 408) wait = Number(headers.get('retry-after')) * 1000 || 1;
      // Taken, or refused for good: the same again would be answered the same.
      else drop(batch);
    } catch {
      wait = 1;
    }
    sending = false;
    // An event that came meanwhile must not shorten the pause.
    clearTimeout(timer);
    timer = undefined;
    failures = wait === 0 ? 0 : failures + 1;
    const backOff = failures && 2 ** Math.min(failures, 20) * 500 * (0.75 + Math.random() / 2);
    if (read().length > 0) schedule(Math.min(MAX_WAIT_MS, Math.max(wait, backOff)));
  };
  /** Nobody hears whether a beacon arrived: its events stay, are sent again by the next page and count once. */
  const beacon = () => {
    if (!granted() || !navigator.sendBeacon) return;
    const batch = cut(read().filter((event) => !beaconed.has(event.eventId)));
    if (batch.length === 0 || !navigator.sendBeacon(url, JSON.stringify({ events: batch }))) return;
    for (const event of batch) beaconed.add(event.eventId);
  };

  // Impressions: half of the element, or half of the screen, for a second in a page that is in front.
  const targets = new WeakMap();
  const inView = new Map();
  const seen = new Set();
  const watch = (element) => {
    const { searchId, itemId } = targets.get(element);
    clearTimeout(inView.get(element));
    if (document.hidden) return void inView.set(element, undefined);
    const look = () => {
      inView.delete(element);
      observer.unobserve(element);
      if (seen.has(`${searchId} ${itemId}`)) return;
      seen.add(`${searchId} ${itemId}`);
      push('impression', searchId, itemId);
    };
    inView.set(
      element,
      setTimeout(() => silent(look), VIEW_MS),
    );
  };
  const leave = (element) => {
    clearTimeout(inView.get(element));
    inView.delete(element);
  };
  const observer = new IntersectionObserver(
    (entries) =>
      silent(() => {
        for (const { target, isIntersecting, intersectionRatio, intersectionRect, rootBounds } of entries) {
          const fills = rootBounds && intersectionRect.height >= rootBounds.height / 2;
          if (!isIntersecting || !(intersectionRatio >= 0.5 || fills)) leave(target);
          else if (!inView.has(target)) watch(target);
        }
      }),
    { threshold: [0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5] },
  );

  // Clicks, and how long the person stayed with what was opened.
  const pendingKey = `${key} opened`;
  let opened;
  const open = (next) => {
    opened = next;
    if (tab && granted())
      silent(() => (next ? tab.setItem(pendingKey, JSON.stringify(next)) : tab.removeItem(pendingKey)));
  };
  const click = (searchId, itemId) => {
    push('click', searchId, itemId);
    open({ searchId, itemId, at: Date.now(), from: location.href });
  };
  const returned = () => {
    if (!opened) return;
    const seconds = Math.min((Date.now() - opened.at) / 1000, IDLE_MS / 1000);
    push('dwell', opened.searchId, opened.itemId, Math.round(Math.max(0, seconds) * 10) / 10);
    open(undefined);
  };
  const onClick = ({ type, button, target, currentTarget }) => {
    const { searchId, itemId } = targets.get(currentTarget) ?? {};
    if ((type === 'auxclick' && button !== 1) || target?.closest?.('[data-untracked]')) return;
    click(searchId, itemId);
  };
  const closing = new AbortController();
  const listen = (target, type, listener, capture) =>
    target.addEventListener(type, (event) => void silent(() => listener(event)), { capture, signal: closing.signal });
  const shown = (searchId, hits) => {
    for (const { itemId, element } of searchId ? hits : []) {
      if (!targets.has(element)) for (const type of ['click', 'auxclick']) listen(element, type, onClick, true);
      leave(element);
      targets.set(element, { searchId, itemId });
      // Begun anew, so that an element that shows another item now is looked at again.
      observer.unobserve(element);
      observer.observe(element);
    }
  };

  // The page comes and goes.
  const onVisibility = () => {
    if (document.hidden) {
      for (const element of inView.keys()) clearTimeout(inView.get(element));
      return beacon();
    }
    for (const element of inView.keys()) watch(element);
    if (opened?.from === location.href) returned();
    return flush();
  };
  const onHide = () => {
    // The item was opened inside this page, which goes now; otherwise it is what the person goes to.
    if (opened && opened.from !== location.href) returned();
    beacon();
  };
  const onBack = () => {
    if (opened?.from === location.href) returned();
  };
  const onShow = ({ persisted }) => persisted && onBack();
  listen(document, 'visibilitychange', onVisibility);
  listen(window, 'pagehide', onHide);
  listen(window, 'pageshow', onShow);
  listen(window, 'popstate', onBack);
  listen(window, 'online', flush);

  const begin = () => {
    const waiting = queue;
    write([...read().filter((event) => !waiting.some(({ eventId }) => eventId === event.eventId)), ...waiting]);
    if (opened) open(opened);
    else {
      opened = silent(() => JSON.parse(tab.getItem(pendingKey)));
      onBack();
    }
    schedule(0);
  };
  const forget = () => {
    queue = [];
    opened = undefined;
    for (const name of [key, pendingKey, `${key} session`]) {
      silent(() => store.removeItem(name));
      silent(() => tab.removeItem(name));
    }
    own = undefined;
  };
  const sessionOf = () => {
    if (!granted()) return undefined;
    if (session) return session;
    const now = Date.now();
    own = (tab && silent(() => JSON.parse(tab.getItem(`${key} session`)))) ?? own;
    if (!own || !(now - own.at < IDLE_MS)) own = { id: randomId() };
    own = { id: own.id, at: now };
    silent(() => tab?.setItem(`${key} session`, JSON.stringify(own)));
    return own.id;
  };

  const safe =
    (work) =>
    (...input) =>
      silent(() => void work(...input));
  if (granted()) begin();
  else if (refused || consent === 'denied') forget();
  return {
    shown: safe(shown),
    click: safe(click),
    convert: safe((searchId, itemId, type, value) => push(type, searchId, itemId, value)),
    event: safe((type, searchId, itemId, value) => push(type, searchId, itemId, value)),
    flush,
    close: safe(() => {
      clearTimeout(timer);
      observer.disconnect();
      for (const pending of inView.values()) clearTimeout(pending);
      closing.abort();
      beacon();
    }),
    get session() {
      return silent(sessionOf);
    },
    get user() {
      return user;
    },
    set user(name) {
      user = name;
    },
    get consent() {
      return refused ? 'denied' : consent;
    },
    set consent(given) {
      silent(() => {
        if (given === consent || !['granted', 'denied', 'pending'].includes(given)) return;
        consent = given;
        if (granted()) begin();
        else if (given === 'denied') forget();
      });
    },
  };
}
