import { formatCount } from '../../core/number-format.ts'
import { arrivalsIn, endedAt } from '../audit/truth.ts'
import { type DetailedRecord, exampleOf, type ReviewEvidence, type Reviewer } from './evidence.ts'

const FEWEST_CONNECTIONS = 5
/** Fewest pauses that show a habit, over all connections. */
const FEWEST_PAUSES = 50
/** Time within which users begin together. */
const TOGETHER_MS = 50
const TOGETHER_SHARE = 0.8
/** Median pause below which users do not think: a busy machine takes longer than 5 ms for none. */
const NO_PAUSE_MS = 10
/** Relative spread below which all pauses are the same. */
const CONSTANT_SPREAD = 0.25
const REQUESTS_PER_CONNECTION = 1.5
const FEWEST_REQUESTS = 20
/** Share of a core from which the tool's own speed decides. */
const CPU_LIMIT = 0.95

/** All users begin in the same moment. */
export const simultaneousStart: Reviewer = ({ connections }) => {
  const firsts = [...connections.values()].map(([first]) => first!).sort((a, b) => a.startedAt - b.startedAt)
  if (firsts.length < FEWEST_CONNECTIONS || isConnectionPerRequest(connections)) return undefined
  const together = firsts.filter(({ startedAt }) => startedAt - firsts[0]!.startedAt <= TOGETHER_MS).length
  if (together < TOGETHER_SHARE * firsts.length) return undefined
  return {
    id: 'simultaneous-start',
    harm: 'medium',
    title: `${formatCount(together)} of ${formatCount(firsts.length)} connections sent their first request within ${TOGETHER_MS} ms`,
    count: together,
    of: firsts.length,
    example: exampleOf(firsts[0]!),
    why: 'Such a start is a burst that real users do not make, and users with the same pauses stay in step after it.',
    advice: 'Ramp up: start users one after another over some seconds.',
  }
}

/** Users without think time, or all with the same. */
export const thinkTime: Reviewer = evidence => {
  const pauses = pausesOf(evidence)
  if (evidence.connections.size < FEWEST_CONNECTIONS || pauses.length < FEWEST_PAUSES) return undefined
  const sorted = pauses.map(({ ms }) => ms).sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!
  const medianMs = at(0.5)
  const example = exampleOf(pauses[0]!.before)
  if (medianMs < NO_PAUSE_MS) {
    return {
      id: 'no-think-time',
      harm: 'medium',
      title: `users paused for ${medianMs.toFixed(1)} ms between requests (median of ${formatCount(pauses.length)})`,
      count: pauses.length,
      example,
      why: 'Without think time a few users make the load of thousands, and each waits for its response before it sends again: the load falls whenever the service is slow.',
      advice: 'Let users pause as people do, or use an open model with a rate of arrivals.',
    }
  }
  if (at(0.9) - at(0.1) > CONSTANT_SPREAD * medianMs) return undefined
  return {
    id: 'constant-think-time',
    harm: 'low',
    title: `the pauses between requests are all about ${Math.round(medianMs)} ms`,
    count: pauses.length,
    example,
    why: 'Users with the same pause fall into step, and requests arrive in waves.',
    advice: 'Draw pauses from a distribution, for example exponential or uniform over a wide range.',
  }
}

/** A new connection for each request. */
export const connectionPerRequest: Reviewer = ({ connections, records }) => {
  if (records.length < FEWEST_REQUESTS || !isConnectionPerRequest(connections)) return undefined
  return {
    id: 'connection-per-request',
    harm: 'medium',
    title: `${formatCount(connections.size)} connections were opened for ${formatCount(records.length)} requests`,
    count: connections.size,
    of: records.length,
    example: exampleOf(records[0]!),
    why: 'Browsers and services keep connections open. Opening them takes a round trip or more, and soon the ports of this machine.',
    advice: 'Keep connections alive: reuse one HTTP client or session for each user.',
  }
}

/** The tool used up its CPU, so that it may have been the bottleneck. */
export const cpuLimit: Reviewer = ({ command, ledger }) => {
  if (command?.cpuShare === undefined || command.cpuShare < CPU_LIMIT) return undefined
  return {
    id: 'cpu-limit',
    harm: 'high',
    title: `the command used ${Math.round(command.cpuShare * 100)} % of a core in most seconds`,
    count: arrivalsIn(ledger),
    why: 'A tool at the limit of its CPU sends late and reads late, and reports its own waiting as the service’s.',
    advice: 'Send less from one process, or add workers and machines.',
  }
}

interface Pause {
  ms: number
  before: DetailedRecord
}

/** Returns the times between a response and the next request of the same connection. */
function pausesOf({ connections }: ReviewEvidence): Pause[] {
  return [...connections.values()].flatMap(records =>
    records.slice(1).flatMap((before, index) => {
      const ms = before.startedAt - endedAt(records[index]!)
      return ms >= 0 ? [{ ms, before }] : []
    }),
  )
}

function isConnectionPerRequest(connections: ReviewEvidence['connections']): boolean {
  const requests = [...connections.values()].reduce((sum, { length }) => sum + length, 0)
  return requests < REQUESTS_PER_CONNECTION * connections.size
}
