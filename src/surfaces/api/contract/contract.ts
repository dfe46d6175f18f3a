import * as analytics from './analytics.ts';
import * as collections from './collections.ts';
import * as evaluations from './evaluations.ts';
import * as feedback from './feedback.ts';
import * as foreignEvents from './foreign-events.ts';
import * as items from './items.ts';
import * as judgments from './judgments.ts';
import * as privacy from './privacy.ts';
import * as profiles from './profiles.ts';
import * as runs from './runs.ts';
import * as search from './search.ts';
import * as sessions from './sessions.ts';
import * as system from './system.ts';
import * as trainings from './trainings.ts';

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
  sendUbi: foreignEvents.sendUbi,
  sendAlgoliaEvents: foreignEvents.sendAlgoliaEvents,
  getFeedbackSettings: sessions.getFeedbackSettings,
  patchFeedbackSettings: sessions.patchFeedbackSettings,
  listSessions: sessions.listSessions,
  getSession: sessions.getSession,
  markSession: sessions.markSession,
  releaseBatch: sessions.releaseBatch,
  listBatches: sessions.listBatches,
  readBatch: sessions.readBatch,
  listMemory: feedback.listMemory,
  exportMemory: feedback.exportMemory,
  forgetMemory: feedback.forgetMemory,
  listProfiles: profiles.listProfiles,
  getProfile: profiles.getProfile,
  resetProfile: profiles.resetProfile,
  startEvaluation: evaluations.startEvaluation,
  startTraining: trainings.startTraining,
  listRuns: runs.listRuns,
  getRun: runs.getRun,
  cancelRun: runs.cancelRun,
  streamRun: runs.streamRun,
  getRunReport: runs.getRunReport,
  putJudgments: judgments.putJudgments,
  listJudgments: judgments.listJudgments,
  deleteJudgments: judgments.deleteJudgments,
  listJudgmentSets: judgments.listJudgmentSets,
  judgeFromClicks: judgments.judgeFromClicks,
  getAnalytics: analytics.getAnalytics,
  getPositionAnalytics: analytics.getPositionAnalytics,
  getQueryAnalytics: analytics.getQueryAnalytics,
  exportUser: privacy.exportUser,
  eraseUser: privacy.eraseUser,
  listErasures: privacy.listErasures,
  listModels: system.listModels,
  getBlob: system.getBlob,
  live: system.live,
  ready: system.ready,
  metrics: system.metrics,
  openapi: system.openapi,
};

export type Contract = typeof contract;
