import { Registry } from 'prom-client';
import type { Handlers } from '../handler.ts';
import { openApiDocument } from '../openapi.ts';
import type { Services } from '../services.ts';

type Names = 'listModels' | 'getBlob' | 'live' | 'ready' | 'metrics' | 'openapi';

/** A picture may be an SVG with scripts in it: whoever opens it by its address gets it locked up. */
const BLOB_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

export function systemHandlers(services: Services, http: Registry): Handlers<Names> {
  const registry = services.metrics === undefined ? http : Registry.merge([http, services.metrics]);
  const document = openApiDocument();
  return {
    async listModels() {
      return { models: await services.models.list() };
    },
    async getBlob({ params, ifNoneMatch, setStatus }) {
      const tag = `"${params.hash}"`;
      const { content, mediaType } = await services.blobs.get(params.hash);
      if (ifNoneMatch === tag) setStatus(304);
      const headers = {
        etag: tag,
        'cache-control': 'public, max-age=31536000, immutable',
        'content-security-policy': BLOB_POLICY,
      };
      return { mediaType, content, headers };
    },
    live: () => ({ status: 'ok' }),
    async ready({ setStatus }) {
      const checks = await services.health.checks();
      const ok = checks.every((check) => check.ok);
      if (!ok) setStatus(503);
      return { status: ok ? 'ok' : 'unavailable', checks };
    },
    async metrics() {
      return { mediaType: registry.contentType, content: await registry.metrics() };
    },
    openapi: () => document,
  };
}
