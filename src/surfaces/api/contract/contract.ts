import * as collections from './collections.ts';
import * as feedback from './feedback.ts';
import * as items from './items.ts';
import * as search from './search.ts';
import * as system from './system.ts';

/** The whole API, by operation id. */
export const contract = {
  putCollection: collections.putCollection,
  getCollection: collections.getCollection,
  listCollections: collections.listCollections,
  deleteCollection: collections.deleteCollection,
  patchRanking: collections.patchRanking,
  listReleases: collections.listReleases,
  putItems: items.putItems,
  listItems: items.listItems,
  getItem: items.getItem,
  deleteItem: items.deleteItem,
  deleteItems: items.deleteItems,
  search: search.search,
  count: search.count,
  sendEvents: feedback.sendEvents,
  listMemory: feedback.listMemory,
  forgetMemory: feedback.forgetMemory,
  listModels: system.listModels,
  getBlob: system.getBlob,
  live: system.live,
  ready: system.ready,
  metrics: system.metrics,
  openapi: system.openapi,
};

export type Contract = typeof contract;
