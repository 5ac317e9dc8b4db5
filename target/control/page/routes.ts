import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TargetHello } from '../../../contract/target-page.ts'
import type { Clock } from '../../../core/clock.ts'
import { pageHeaders, PageFiles } from '../../../pages/assets.ts'
import { isKnown } from '../../http/conditional.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import type { Usage } from '../usage.ts'
import { Sampler } from './sampler.ts'
import { eventText, Viewers } from './viewers.ts'

export interface PageDependencies {
  clock: Clock
  ledger: Ledger
  lifecycle: Pick<Lifecycle, 'on'>
  usage: Usage
  version: string
}

const PERIOD_MS = 500
const BASE = '/_loadcell/ui'

/** Serves the files of the live page, which hold nothing about the target. */
export function registerPageFiles(app: FastifyInstance): void {
  const files = new PageFiles('target', BASE)
  for (const path of files.paths) {
    app.get(path === '' ? '/ui' : `/ui/${path}`, (request, reply) => sendFile(request, reply, files, path))
  }
}

function sendFile(request: FastifyRequest, reply: FastifyReply, files: PageFiles, path: string): FastifyReply {
  const { mediaType, body, etag } = files.file(path)!
  void reply.headers(pageHeaders).header('etag', etag)
  if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type(mediaType).send(body)
}

/** Registers the feed of the live page. */
export function registerPageFeed(app: FastifyInstance, dependencies: PageDependencies): void {
  const { clock, ledger, lifecycle, version } = dependencies
  const startedAt = Math.round(clock.wallTime())
  let sampler: Sampler | undefined
  const viewers: Viewers = new Viewers({
    clock,
    lifecycle,
    periodMs: PERIOD_MS,
    begin: () => (sampler = new Sampler({ ...dependencies, viewers })),
    message: () => eventText('snapshot', sampler?.take()),
    end: () => (sampler = undefined),
  })

  app.get('/ui/feed', (_request, reply) => {
    const hello: TargetHello = { boot: ledger.boot, version, startedAt, mayControl: true, periodMs: PERIOD_MS }
    const feed = viewers.admit(eventText('hello', hello))
    return reply.type('text/event-stream').header('cache-control', 'no-store').send(feed)
  })
}
