import { formatNumber } from '../../../core/number-format.ts'
import type { CapacityProbe, CapacityResult } from '../../capacity/capacity-result.ts'
import { formatMs } from '../quantity.ts'
import { formatLoad } from './words.ts'

const COLUMNS = 60
const ROWS = 9
const LABEL = 9
const FEWEST = 2
/** Throughputs that differ by less than this factor tell probes apart less well than loads do. */
const FLAT = 1.3

/** Limit on the response time in an objective; undefined without one. */
export function responseLimit({ probes }: Pick<CapacityResult, 'probes'>): number | undefined {
  return probes[0]?.slo.find(({ unit }) => unit === 'ms')?.limit
}

/** Returns the response time that a probe is plotted at: the one that the objective limits, or else p95. */
export function plottedMs({ slo, response }: CapacityProbe): number {
  return slo.find(({ unit }) => unit === 'ms')?.observed ?? response.p95Ms
}

/** Returns the probes that a curve consists of. */
export function plottedProbes({ probes }: Pick<CapacityResult, 'probes'>): CapacityProbe[] {
  return probes.filter(probe => probe.state !== 'ended' && plottedMs(probe) > 0)
}

const signs: Record<CapacityProbe['state'], string> = {
  meets: '●',
  unclear: '◐',
  fails: '○',
  growing: '○',
  generator_limit: '×',
  ended: ' ',
}

/**
 * Returns a small picture of response time over throughput, with a line at the limit. Both axes are logarithmic, because a search covers
 * several octaves.
 */
export function curvePicture(result: CapacityResult): string[] {
  const probes = plottedProbes(result).filter(({ iterationsPerSecond }) => iterationsPerSecond > 0)
  if (probes.length < FEWEST) return []
  const limit = responseLimit(result)
  const times = [...probes.map(plottedMs), ...(limit === undefined ? [] : [limit])]
  const throughputs = probes.map(({ iterationsPerSecond }) => iterationsPerSecond)
  // Users of a closed model may all find the same throughput.
  const isFlat = Math.max(...throughputs) < FLAT * Math.min(...throughputs)
  const across = isFlat
    ? ({ load }: CapacityProbe) => load
    : ({ iterationsPerSecond }: CapacityProbe) => iterationsPerSecond
  const rates = probes.map(across)
  const y = scaleOf(times, ROWS)
  const x = scaleOf(rates, COLUMNS)
  const cells = Array.from({ length: ROWS }, () => Array.from({ length: COLUMNS }, () => ' '))
  if (limit !== undefined) cells[ROWS - 1 - y(limit)]!.fill('╌')
  for (const probe of probes) cells[ROWS - 1 - y(plottedMs(probe))]![x(across(probe))] = signs[probe.state]
  const label = (row: number): string => {
    if (limit !== undefined && row === ROWS - 1 - y(limit)) return formatMs(limit)
    if (row === 0) return formatMs(Math.max(...times))
    return row === ROWS - 1 ? formatMs(Math.min(...times)) : ''
  }
  const [low, high] = [Math.min(...rates), Math.max(...rates)].map(rate =>
    isFlat ? formatLoad(rate, result.subject) : `${formatNumber(rate)}/s`,
  )
  return [
    ...cells.map((row, at) => `${label(at).padStart(LABEL)} │${row.join('').trimEnd()}`),
    `${' '.repeat(LABEL)} └${'─'.repeat(COLUMNS)}`,
    `${' '.repeat(LABEL + 2)}${low}${high!.padStart(COLUMNS - low!.length)}`,
    `${' '.repeat(LABEL + 2)}${isFlat ? 'load' : 'iterations completed'}; ● meets it, ○ fails, ◐ too close to call${probes.some(({ state }) => state === 'generator_limit') ? ', × invalid' : ''}`,
    ...(result.capacity === undefined
      ? []
      : [`${' '.repeat(LABEL + 2)}capacity: ${formatLoad(result.capacity.estimate, result.subject)}`]),
    '',
  ]
}

/** Returns a logarithmic scale that puts the values into so many cells. */
function scaleOf(values: readonly number[], cells: number): (value: number) => number {
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))]
  const width = high - low || 1
  return value => Math.max(0, Math.min(cells - 1, Math.round(((Math.log(value) - low) / width) * (cells - 1))))
}
