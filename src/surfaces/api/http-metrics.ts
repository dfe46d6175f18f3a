import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Admission } from './admission.ts';

/** Requests by route, never by address: the number of series is that of the contract. */
export function registerHttpMetrics(app: FastifyInstance, admission: Admission): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'embedding_studio_' });
  const seconds = new Histogram({
    name: 'embedding_studio_http_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
    registers: [registry],
  });
  const requests = new Counter({
    name: 'embedding_studio_http_requests_total',
    help: 'Answered requests',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  new Gauge({
    name: 'embedding_studio_http_in_flight',
    help: 'Requests being answered',
    registers: [registry],
    collect() {
      this.set(admission.inFlight);
    },
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ method: request.method, route }, reply.elapsedTime / 1000);
    requests.inc({ method: request.method, route, status: String(reply.statusCode) });
  });
  return registry;
}
