import { Type, type Static } from 'typebox'
import { checker } from '../../../core/check.ts'
import { checkedJson, readJsonSource } from '../reading/json-source.ts'
import { beginningOf } from '../reading/source-text.ts'
import type { ReportSource } from '../tool.ts'
import type { ToolReport, ToolRow } from '../tool-report.ts'

const FORMAT = 'the stats.json or global_stats.json of a report of Gatling'
const MOST_DEPTH = 32

const Numbers = Type.Object({ total: Type.Number(), ok: Type.Number(), ko: Type.Number() })
const Stats = Type.Object({
  name: Type.String(),
  numberOfRequests: Numbers,
  minResponseTime: Numbers,
  maxResponseTime: Numbers,
  meanResponseTime: Numbers,
  percentiles1: Numbers,
  percentiles2: Numbers,
  percentiles3: Numbers,
  percentiles4: Numbers,
  meanNumberOfRequestsPerSecond: Numbers,
})
type Stats = Static<typeof Stats>
const statsShape = checker(Stats)

const Node = Type.Object({
  type: Type.String(),
  name: Type.String(),
  stats: Stats,
  contents: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})
type Node = Static<typeof Node>
const nodeShape = checker(Node)

export function isGatlingStats(source: ReportSource): boolean {
  const beginning = beginningOf(source)
  return /^\s*\{/.test(beginning) && beginning.includes('"numberOfRequests"') && beginning.includes('"percentiles1"')
}

/** Reads the numbers of an HTML report, for runs whose log is gone. */
export function readGatlingStats(source: ReportSource): ToolReport {
  const isTree = /"type"\s*:\s*"GROUP"/.test(beginningOf(source))
  const root = isTree ? readJsonSource(source, FORMAT, nodeShape) : undefined
  const total = root?.stats ?? readJsonSource(source, FORMAT, statsShape)
  return {
    tool: 'gatling',
    sources: [source.name],
    rows: root === undefined ? [] : requestsIn(root, source.name, []),
    total: rowOf('', total),
    traits: { percentiles: 'histogram', percentileError: 0.01 },
    remarks: ['percentiles are taken for 50, 75, 95 and 99, unless gatling.conf says otherwise'],
  }
}

/** Groups hold requests and groups; the root is a group itself. */
function requestsIn({ contents = {} }: Node, place: string, groups: readonly string[]): ToolRow[] {
  return Object.values(contents).flatMap(content => {
    const node = checkedJson(content, place, FORMAT, nodeShape)
    const path = [...groups, node.name]
    if (node.type !== 'GROUP') return [rowOf(path.join(' / '), node.stats)]
    return path.length > MOST_DEPTH ? [] : requestsIn(node, place, path)
  })
}

function rowOf(name: string, stats: Stats): ToolRow {
  const { total: requests, ko: failures } = stats.numberOfRequests
  return {
    name,
    requests,
    failures,
    requestsPerSecond: stats.meanNumberOfRequestsPerSecond.total,
    ...(requests > 0 && {
      latency: {
        meanMs: stats.meanResponseTime.total,
        minMs: stats.minResponseTime.total,
        maxMs: stats.maxResponseTime.total,
        percentiles: [
          { percentile: 50, valueMs: stats.percentiles1.total },
          { percentile: 75, valueMs: stats.percentiles2.total },
          { percentile: 95, valueMs: stats.percentiles3.total },
          { percentile: 99, valueMs: stats.percentiles4.total },
        ],
      },
    }),
  }
}
