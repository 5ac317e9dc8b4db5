import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { operationNames } from '../../../contract/api/operations.ts'
import { ledgerTables, recordTable } from '../../../contract/ledger-tables.ts'
import { Name } from '../../../contract/name.ts'
import type { PageLedger, PageRecords } from '../../../contract/target-page.ts'
import { Type } from '../../../core/schema.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { knownRun } from '../known-run.ts'

const MOST_RUNS = 50
const MOST_RECORDS = 100
const MOST_ROWS = 60

const LedgerQuery = Type.Object({ run: Type.Optional(Name) })
const LatestQuery = Type.Object({
  run: Type.Optional(Name),
  operation: Type.Optional(Type.Enum([...operationNames], { expected: 'the name of an operation' })),
})

/** Registers the ledger of a run as the live page shows it: tables, and the latest records of an operation. */
export function registerPageLedger(app: FastifyInstance, ledger: Ledger): void {
  app.get<{ Querystring: Static<typeof LedgerQuery> }>(
    '/ui/ledger',
    { schema: { querystring: LedgerQuery } },
    ({ query }, reply) => {
      // The latest one is what people look for.
      const run = knownRun(ledger, query.run ?? ledger.runs().at(-1))
      const tables = ledgerTables(ledger.report(run))
      const answer: PageLedger = {
        run,
        runs: ledger.runs().slice(-MOST_RUNS),
        tables: tables.map(table => ({ ...table, rows: table.rows.slice(0, MOST_ROWS) })),
      }
      return reply.send(answer)
    },
  )
  app.get<{ Querystring: Static<typeof LatestQuery> }>(
    '/ui/records',
    { schema: { querystring: LatestQuery } },
    ({ query: { run, operation } }, reply) => {
      const records = ledger.latestRecords(knownRun(ledger, run), MOST_RECORDS, operation)
      const answer: PageRecords = { ...recordTable(records), records }
      return reply.send(answer)
    },
  )
}
