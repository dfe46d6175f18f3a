import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a page of the shop is asked to show and to track; it travels in the address. */
export interface ShopPage {
  readonly endpoint?: string;
  readonly searchId: string;
  readonly itemIds: readonly string[];
  readonly options?: object;
}

export const addressOf = (origin: string, page: ShopPage): string =>
  `${origin}/?page=${encodeURIComponent(JSON.stringify(page))}`;

/** A list of hits, each higher than half of the screen, whose titles lead to a page of the item. */
export const SHOP_FILES: Readonly<Record<string, string>> = {
  'index.html': `<!doctype html><meta charset="utf-8"><title>Shop</title>
    <style>body { margin: 0 } article { height: 500px }</style><main></main><script type="module" src="shop.js"></script>`,
  'item.html': '<!doctype html><meta charset="utf-8"><title>Item</title><p>An item.</p>',
  'shop.js': `
    const { endpoint = '', searchId, itemIds, options } = JSON.parse(new URLSearchParams(location.search).get('page'));
    const { createTracker } = await import(endpoint + '/tracker.js');
    for (const itemId of itemIds) {
      const element = document.createElement('article');
      element.id = itemId;
      const link = Object.assign(document.createElement('a'), { href: 'item.html', textContent: itemId });
      const button = Object.assign(document.createElement('button'), { textContent: 'compare' });
      button.dataset.untracked = '';
      element.append(link, button);
      document.querySelector('main').append(element);
    }
    window.tracker = createTracker({ endpoint, ...options });
    window.searchId = searchId;
    tracker.shown(searchId, itemIds.map((itemId) => ({ itemId, element: document.getElementById(itemId) })));
    /** Resolves when every observer has looked at the page as it is now. */
    window.looked = () => new Promise((resolve) => {
      const observer = new IntersectionObserver(() => { observer.disconnect(); resolve(); });
      observer.observe(document.body);
    });
    await looked();
    window.ready = true;`,
};

export interface Shop {
  readonly origin: string;
  /** Answers everything under /v1 with this status; 0 hangs up. */
  fail(status: number): void;
  /** Further files, by name. */
  readonly files: Map<string, string>;
  close(): Promise<void>;
}

/** The shop on a server of its own, which is another origin; and an API that is out of order, on request. */
export async function openShop(tracker: () => Promise<string>): Promise<Shop> {
  let status = 500;
  const files = new Map<string, string>();
  const server: Server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://shop').pathname;
    if (path.startsWith('/v1/')) {
      if (status === 0) return void request.destroy();
      return void response.writeHead(status).end('{}');
    }
    const name = path === '/' ? 'index.html' : path.slice(1);
    const content = name === 'tracker.js' ? await tracker() : (files.get(name) ?? SHOP_FILES[name]);
    const type = name.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': type }).end(content ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    files,
    fail: (next) => {
      status = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
