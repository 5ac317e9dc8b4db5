import { leanestGenerator } from '../processes/load.ts'
import { startChild } from '../processes/process.ts'
import { startTarget } from '../processes/target.ts'
import { atLeast, type Bench, emptyReport, figure } from '../measurement/report.ts'
import { byName, interleave, medianRatio, ratios } from '../measurement/rounds.ts'
import { CONNECTIONS, cpuUsOf, ratesOf, serving } from '../contenders/serving.ts'
import { compareFollowed, following } from '../contenders/following.ts'
import { median } from '../../core/median.ts'

const QUERY = 'query Page { products(limit: 20) { total items { id name price } } }'
const FOLLOWERS = [100, 1000]

/** Compares GraphQL at the target with its libraries on a bare server. */
export const graphql: Bench = {
  name: 'graphql',
  description: 'GraphQL: the target against graphql-http and graphql-ws on a bare server',
  async run(rounds) {
    const report = emptyReport(notes)
    const [generator, followers, target, libraries] = await Promise.all([
      leanestGenerator(),
      startChild('generator', 'meters/graphql-followers.ts'),
      startTarget({ 'graphql.enabled': 'true' }),
      startChild('server', 'floors/graphql-libraries.ts'),
    ])
    const names = ['target', 'its libraries'] as const
    try {
      const headers = { 'content-type': 'application/json' }
      const request = { method: 'POST', headers, body: JSON.stringify({ query: QUERY }) } as const
      const queries = [target, libraries].map((server, index) =>
        serving(names[index]!, server, generator, { url: `${server.url}/graphql`, connections: CONNECTIONS, request }),
      )
      const [ours = [], theirs = []] = await interleave(queries, rounds)
      report.readings.push({ queries: byName(queries, [ours, theirs]) })
      report.tables.push({
        title: `a page of 20 products, over ${CONNECTIONS} connections by ${generator.name}`,
        columns: ['server', 'queries/s', '÷ libraries', 'server CPU µs/query'],
        rows: [ours, theirs].map((readings, index) => [
          names[index]!,
          figure(median(ratesOf(readings))),
          figure(medianRatio(ratesOf(readings), ratesOf(theirs)), 2),
          figure(median(cpuUsOf(readings)), 1),
        ]),
      })
      report.marks.push(atLeast('queries/s ÷ graphql-http', ratios(ratesOf(ours), ratesOf(theirs)), 1))

      for (const count of FOLLOWERS) {
        const { table, mark, readings } = await compareFollowed(
          [following(names[0], target, followers, count), following(names[1], libraries, followers, count)],
          {
            title: `${count} followers of a room, over graphql-transport-ws`,
            columns: ['server', 'deliveries/s', 'rounds', '÷ libraries', 'server CPU µs/delivery'],
            claim: `deliveries/s to ${count} followers ÷ graphql-ws`,
          },
          rounds,
        )
        report.tables.push(table)
        report.marks.push(mark)
        report.readings.push({ followers: count, ...readings })
      }
      return report
    } finally {
      await Promise.all([generator, followers, target, libraries].map(child => child.stop()))
    }
  },
}

const notes = [
  'The libraries answer from ready-made objects, without tokens, limits, budgets, history or a ledger. graphql-http parses and validates each query; the target remembers documents that it has validated.',
  'The next message is sent when every follower has the last one. All subscriptions have the same document, so that the target executes it once for a message; graphql-ws executes it for each follower.',
]
