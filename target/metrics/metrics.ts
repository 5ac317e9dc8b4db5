import type { FastifyInstance } from 'fastify'
import type { Settings } from '../configuration/settings.ts'
import { refuseForeignPages } from '../control/access.ts'
import type { MetricsDependencies, Scrape } from './target-metrics.ts'

/**
 * Serves the state of the target at `/metrics`. The library for it is loaded with the first scrape: most targets are never scraped, and it
 * takes a tenth of the time of a start. From then on it also watches the event loop and the collector.
 */
export function registerMetricsRoute(
  app: FastifyInstance,
  { settings, ...dependencies }: MetricsDependencies & { settings: Settings },
): void {
  let scrape: Promise<() => Promise<Scrape>> | undefined
  app.get('/metrics', { onRequest: refuseForeignPages(settings) }, async (_request, reply) => {
    scrape ??= import('./target-metrics.ts').then(({ createTargetMetrics }) => createTargetMetrics(dependencies))
    const { contentType, text } = await (await scrape)()
    return reply.type(contentType).send(text)
  })
}
