import { formatDuration } from '../../../core/duration.ts'
import { formatNumber, formatShare } from '../../../core/number-format.ts'
import type { CapacityResult } from '../../capacity/capacity-result.ts'
import type { LoadInterval } from '../../capacity/posterior.ts'
import type { Estimated } from '../../capacity/scalability.ts'
import { connectionNotes } from '../connection-words.ts'
import { counted, formatMs } from '../quantity.ts'

/** Formats a load with its unit: `152/s`, `40 users`. A limit between 7 and 8 users is met by 7. */
export function formatLoad(load: number, { unit }: Pick<CapacityResult['subject'], 'unit'>): string {
  return unit === 'users' ? counted(Math.floor(load), 'user') : `${formatNumber(load)}/s`
}

/** Formats an interval of loads: `137–142/s`, `6–8 users`, `7 users`. */
export function formatLoads({ low, high }: LoadInterval, subject: Pick<CapacityResult['subject'], 'unit'>): string {
  const [from, to] = [formatLoad(low, subject), formatLoad(high, subject)]
  return from === to ? to : `${from.replace(/(?:\/s| users?)$/, '')}–${to}`
}

/** Returns the answer of a search in a few words and in a sentence. */
export function answerOf({ capacity, outcome, subject, search, probes }: CapacityResult): {
  word: string
  sentence: string
} {
  const load = (value: number) => formatLoad(value, subject)
  if (capacity === undefined) {
    const met = probes.filter(({ state }) => state === 'meets').map(probe => probe.load)
    const known =
      met.length > 0 && silentOnLoads.has(outcome.state) ? ` ${load(Math.max(...met))} met the objective.` : ''
    return { word: words[outcome.state] ?? 'No answer', sentence: `${outcome.detail}${known}` }
  }
  const { estimate, interval } = capacity
  // There is no range between the same two numbers of users.
  const range = load(interval.low) === load(interval.high) ? '' : `${load(interval.low)} to ${load(interval.high)} `
  const half = (interval.high - interval.low) / 2 / estimate
  const precise =
    outcome.state === 'found' ? '' : `, ±${formatShare(half)} instead of ±${formatShare(search.precision)}`
  const end = outcome.state === 'found' ? '' : ` ${outcome.detail}`
  const measured = probes.filter(({ margin }) => margin !== undefined).map(probe => probe.load)
  const beyond =
    estimate > Math.max(...measured)
      ? ` It is beyond the highest load that was measured, ${load(Math.max(...measured))}.`
      : ''
  return {
    word: load(estimate),
    sentence: `The highest load that meets the objective is ${load(estimate)} (${range}with ${formatShare(interval.level)} probability${precise}), after ${counted(probes.length, 'probe')}.${end}${beyond}`,
  }
}

/** Ends whose detail does not say which load met the objective. */
const silentOnLoads: ReadonlySet<CapacityResult['outcome']['state']> = new Set([
  'interrupted',
  'target_lost',
  'probes_spent',
])

const words: Partial<Record<CapacityResult['outcome']['state'], string>> = {
  all_meet: 'No limit found',
  none_meet: 'No load meets it',
  generator_limit: 'Generator too slow',
}

/** Returns the findings beside the answer, each with its name. */
export function findingsOf(result: CapacityResult): [name: string, text: string][] {
  const { subject, curve, generatorLimit, theory, cost } = result
  const load = (value: number) => formatLoad(value, subject)
  const { ceiling, inflection, firstToDegrade } = curve
  const rows: [string, string | undefined][] = [
    ['connections', connectionNotes(subject).join(', ') || undefined],
    ['objective', subject.slo.map(({ metric, expression }) => `${metric} ${expression}`).join(', ')],
    [
      'throughput',
      ceiling &&
        `at most ${formatNumber(ceiling.iterationsPerSecond)} iterations/s, at ${load(ceiling.load)}${ceiling.reached ? '; more load brings no more' : '; its ceiling was not reached'}`,
    ],
    [
      'latency',
      inflection === undefined
        ? 'p95 has no clear bend in the probed loads'
        : `p95 bends at ${load(inflection.load)} and rises ${steeper(inflection.steeper)} from there`,
    ],
    ['scalability', scalabilityLine(result)],
    [
      'first to degrade',
      firstToDegrade === undefined
        ? 'no operation doubled its p95 or failed'
        : `${firstToDegrade.method} ${firstToDegrade.name} at ${load(firstToDegrade.load)}: ${firstToDegrade.reason === 'fails' ? 'requests fail' : `p95 ${formatMs(firstToDegrade.p95Ms)}, ${formatMs(firstToDegrade.lightP95Ms)} at light load`}`,
    ],
    [
      'generator',
      generatorLimit === undefined
        ? keptUp(result)
        : `was the bottleneck at ${load(generatorLimit.load)}: ${generatorLimit.findings.map(({ observed }) => observed).join('; ')}`,
    ],
    ['theory', theory && theoryLine(result)],
    [
      'cost',
      `${counted(cost.probes, 'probe')} in ${formatDuration(Math.round(cost.durationMs))}, ${counted(cost.requests, 'request')}${cost.moreProbes === undefined ? '' : `; about ${counted(cost.moreProbes, 'more probe')} (${formatDuration(Math.round(cost.moreMs ?? 0))}) would do`}`,
    ],
  ]
  return rows.filter((row): row is [string, string] => row[1] !== undefined)
}

const MUCH_STEEPER = 100

/** Where the response time hardly rises before the bend, the ratio of both slopes is chance. */
function steeper(times: number): string {
  return times >= MUCH_STEEPER ? 'much more steeply' : `${formatNumber(times)} times as steeply`
}

function keptUp({ probes }: CapacityResult): string {
  const late = probes.filter(({ state }) => state === 'generator_limit').length
  return late === 0
    ? 'kept up with every probe'
    : `was too slow in ${counted(late, 'probe')}, but kept up with as much load in another`
}

function scalabilityLine({ scalability }: CapacityResult): string {
  if (scalability.state === 'too_few') return `not fitted: ${scalability.reason}`
  const { single, contention, coherency, deviation, ceilingPerSecond, peak } = scalability
  if (scalability.state === 'does_not_fit')
    return `the universal law does not fit: it is off by ${formatShare(deviation)}`
  const limit =
    ceilingPerSecond === undefined
      ? ''
      : `; ${peak === undefined ? 'at most' : `peak at ${formatNumber(peak.concurrency)} requests at once,`} ${formatNumber(ceilingPerSecond)} requests/s`
  return `λ ${range(single, formatNumber)} requests/s, σ ${range(contention, coefficient)}, κ ${range(coherency, coefficient)}${limit}`
}

function range({ value, low, high }: Estimated, format: (value: number) => string): string {
  return `${format(value)} (${format(low)}…${format(high)})`
}

const NEGLIGIBLE = 1e-9

/** Formats a small number with two significant digits. */
function coefficient(value: number): string {
  if (value < NEGLIGIBLE) return '0'
  return value < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(2)))
}

function theoryLine({ theory, subject, capacity }: CapacityResult): string {
  const { model, station, kneeLoad, load, error, remarks } = theory!
  const knee = `station ${station} (${model}) is full at ${formatLoad(kneeLoad, subject)}`
  if (load === undefined) return [knee, ...remarks].join('; ')
  const within =
    capacity !== undefined && capacity.interval.low <= load && load <= capacity.interval.high
      ? ', within the interval'
      : ''
  const difference = error === undefined ? '' : ` (the search is off by ${signed(error)}${within})`
  return [`${knee} and meets the objective up to ${formatLoad(load, subject)}${difference}`, ...remarks].join('; ')
}

function signed(share: number): string {
  return `${share > 0 ? '+' : ''}${formatNumber(share * 100)} %`
}
