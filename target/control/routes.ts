import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { Type } from '../../core/schema.ts'
import type { Configuration } from '../configuration/configuration.ts'
import type { LedgerRecord } from '../../contract/ledger-record.ts'
import { Name } from '../../contract/name.ts'
import type { Random } from '../../core/random.ts'
import { mergePatch } from '../configuration/change.ts'
import { redact } from '../configuration/secrets.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import { controlAccess, controlRefusal, pageAccess, refuseForeignPages, viewerAccess } from './access.ts'
import { changeSettings } from './change.ts'
import { knownRun } from './known-run.ts'
import { ledgerPage, ledgerPagePolicy } from './ledger-page.ts'
import { registerFaultRoutes, registerTimelineRoutes } from './faults.ts'
import { registerPageLedger } from './page/ledger-routes.ts'
import { TargetPage, type PageDependencies, registerPageFiles } from './page/routes.ts'

export interface ControlDependencies extends PageDependencies {
  lifecycle: Pick<Lifecycle, 'reset' | 'on'>
  random: Random
}

/** Types of a request whose query has this schema. */
interface WithQuery<Query extends TSchema> {
  Querystring: Static<Query>
}

const RunQuery = Type.Object({ run: Type.Optional(Name) })
const RecordsQuery = Type.Object({
  run: Type.Optional(Name),
  trace: Type.Optional(
    Type.String({
      pattern: '^[0-9a-f]{32}(,[0-9a-f]{32}){0,99}$',
      expected: 'ids of traces, each of 32 hexadecimal digits in lower case, with commas between them; at most 100',
    }),
  ),
})
const ResetQuery = Type.Object({ what: Type.Optional(Type.Enum(['data', 'ledger', 'streams', 'all'])) })
const ShareQuery = Type.Object({
  share: Type.Optional(Type.String({ pattern: '^(0(\\.\\d+)?|1(\\.0+)?)$', expected: 'a number 0…1' })),
})

/** Registers the control plane under `/_loadcell`. It is not an operation of the ledger, and access is restricted. */
export function registerControlRoutes(app: FastifyInstance, dependencies: ControlDependencies): void {
  const { settings, faults, stations, usage } = dependencies
  const page = new TargetPage(dependencies)
  void app.register(
    async scope => {
      scope.addHook('onRequest', controlAccess(settings))
      scope.addHook('onRequest', refuseForeignPages(settings))
      const change = (document: unknown): Configuration => redact(changeSettings(settings, document))
      scope.get('/config', (_request, reply) => reply.send(redact(settings.current)))
      scope.put('/config', (request, reply) => reply.send(change(request.body)))
      scope.patch('/config', (request, reply) => reply.send(change(mergePatch(settings.current, request.body))))
      registerFaultRoutes(scope, faults, settings)
      registerTimelineRoutes(scope, faults, settings)
      // The stations, their state, and the predictions of queueing theory.
      scope.get('/capacity', (_request, reply) => reply.send(stations.report()))
      // On a port of its own, the control plane has connections that are not counted.
      const own = settings.current.control.port > 0 ? 0 : 1
      scope.get('/usage', (_request, reply) => reply.send(usage.read(own)))
      registerLedgerRoutes(scope, dependencies.ledger)
      registerActionRoutes(scope, dependencies)
      page.registerChanges(scope)
    },
    { prefix: '/_loadcell' },
  )
  void app.register(
    async scope => {
      scope.addHook('onRequest', viewerAccess(settings))
      scope.addHook('onRequest', refuseForeignPages(settings))
      const refusal = controlRefusal(settings)
      page.registerFeed(scope, ({ raw }) => refusal(raw) === undefined)
      registerPageLedger(scope, dependencies.ledger)
    },
    { prefix: '/_loadcell' },
  )
  void app.register(
    async scope => {
      scope.addHook('onRequest', pageAccess(settings))
      scope.addHook('onRequest', refuseForeignPages(settings))
      registerPageFiles(scope)
    },
    { prefix: '/_loadcell' },
  )
}

function registerLedgerRoutes(app: FastifyInstance, ledger: Ledger): void {
  const ofRun = { schema: { querystring: RunQuery } }
  app.get<WithQuery<typeof RunQuery>>('/ledger', ofRun, ({ query }, reply) =>
    reply.send(ledger.report(knownRun(ledger, query.run))),
  )
  const ofTraces = { schema: { querystring: RecordsQuery } }
  app.get<WithQuery<typeof RecordsQuery>>('/ledger/records', ofTraces, ({ query: { run, trace } }, reply) => {
    const records = ledger.recordsOf(knownRun(ledger, run))
    const wanted = trace === undefined ? records : withTraces(records, new Set(trace.split(',')))
    return reply.type('application/x-ndjson').send(Readable.from(lines(wanted)))
  })
  app.get<{ Querystring: Static<typeof RunQuery> }>(
    '/ledger/page',
    { schema: { querystring: RunQuery } },
    (request, reply) => {
      const report = ledger.report(knownRun(ledger, request.query.run))
      return reply
        .headers({ 'content-security-policy': ledgerPagePolicy, 'x-content-type-options': 'nosniff' })
        .type('text/html; charset=utf-8')
        .send(ledgerPage(report, ledger.runs()))
    },
  )
  app.get('/runs', (_request, reply) => reply.send({ boot: ledger.boot, runs: ledger.runs() }))
}

function registerActionRoutes(app: FastifyInstance, dependencies: ControlDependencies): void {
  const { lifecycle, streams, sockets, random } = dependencies
  const reset = { schema: { querystring: ResetQuery } }
  app.post<WithQuery<typeof ResetQuery>>('/reset', reset, ({ query: { what = 'all' } }, reply) => {
    lifecycle.reset(what)
    return reply.send({ reset: what })
  })

  let disconnects = 0
  const disconnect = { schema: { querystring: ShareQuery } }
  app.post<WithQuery<typeof ShareQuery>>('/disconnect', disconnect, ({ query }, reply) => {
    const share = Number(query.share ?? 1)
    const chance = random.fork('disconnect', disconnects++)
    return reply.send({ disconnected: streams.disconnect(share, chance) + sockets.disconnect(share, chance) })
  })
}

/** Yields the records of these traces. */
function* withTraces(records: Iterable<LedgerRecord>, traces: ReadonlySet<string>): Iterable<LedgerRecord> {
  for (const record of records) if (traces.has(record.details?.trace ?? '')) yield record
}

/** Yields several records per chunk: a chunk for each would cost more than the record. */
function* lines(records: Iterable<LedgerRecord>): Iterable<string> {
  const RECORDS_PER_CHUNK = 256
  let chunk: string[] = []
  for (const record of records) {
    chunk.push(JSON.stringify(record), '\n')
    if (chunk.length === 2 * RECORDS_PER_CHUNK) {
      yield chunk.join('')
      chunk = []
    }
  }
  if (chunk.length > 0) yield chunk.join('')
}
