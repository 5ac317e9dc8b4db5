import { type Observation, type Percentile, PERCENTILES } from './observation.ts'
import type { SteadyLoad } from './steady-load.ts'

const BEGIN = '<!-- tools: begin -->'
const END = '<!-- tools: end -->'

/** Observations of one tool, one a round. */
export interface ToolObservations {
  load: SteadyLoad
  version: string
  delays: Observation[]
  stall: Observation[]
}

/** Returns the tables of all tools as Markdown. */
export function toolsMarkdown(tools: readonly ToolObservations[]): string {
  return [
    `Medians of ${Math.max(0, ...tools.map(({ delays }) => delays.length))} rounds, with the least and the greatest in brackets; Node ${process.version}.`,
    '',
    '### What they count',
    '',
    ...table(
      ['tool', 'version', 'load', 'requests that it leaves out at its end', 'its times begin when a request is'],
      tools.map(({ load, version, delays }) => [
        load.tool,
        version,
        load.model === 'open' ? '50 a second' : '5 users',
        leftOut(delays),
        beginOf(load, delays),
      ]),
    ),
    '',
    '### Error of its times while every response is delayed (ms)',
    '',
    ...errorTable(tools, ({ delays }) => delays),
    '',
    '### Error of its times when the target stands still for 2 s (ms)',
    '',
    ...errorTable(tools, ({ stall }) => stall),
  ].join('\n')
}

/** Returns the document with this text between its markers. @throws RangeError when it has no markers. */
export function withTools(document: string, markdown: string): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (from === -1 || to < from) throw new RangeError(`expected the markers ${BEGIN} and ${END}`)
  return `${document.slice(0, from + BEGIN.length)}\n\n${markdown}\n\n${document.slice(to)}`
}

function beginOf({ model }: SteadyLoad, observations: readonly Observation[]): string {
  if (observations.every(({ clock }) => clock !== 'due')) return 'sent'
  return model === 'open' ? 'due' : 'sent, with invented ones for omission'
}

function leftOut(observations: readonly Observation[]): string {
  const inFlight = observations.map(({ uncounted }) => uncounted.inFlight)
  const late = observations.map(({ uncounted }) => uncounted.late)
  if (Math.max(...inFlight, ...late) === 0)
    return observations.some(({ atEnd }) => atEnd === 'errors') ? 'none: those in flight are errors' : 'none'
  return [
    ...(Math.max(...inFlight) === 0 ? [] : [`in flight: ${spread(inFlight)}`]),
    ...(Math.max(...late) === 0 ? [] : [`after its last statistics: ${spread(late)}`]),
  ].join('; ')
}

function errorTable(
  tools: readonly ToolObservations[],
  of: (tool: ToolObservations) => readonly Observation[],
): string[] {
  return table(
    ['tool', ...PERCENTILES.map(nameOf)],
    tools.map(tool => [tool.load.tool, ...PERCENTILES.map(percentile => errorOf(of(tool), percentile))]),
  )
}

function nameOf(percentile: Percentile): string {
  return percentile === 100 ? 'maximum' : `p${percentile}`
}

function errorOf(observations: readonly Observation[], percentile: Percentile): string {
  const errors = observations.map(({ errorsMs }) => errorsMs[percentile]).filter(error => error !== undefined)
  return errors.length === 0 ? 'not reported' : spread(errors)
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const median = (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2
  return `${shown(median)} (${shown(sorted[0]!)} … ${shown(sorted.at(-1)!)})`
}

function shown(value: number): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1
  // A minus sign, and none before a zero.
  return value
    .toFixed(digits)
    .replace(/^-(?=.*[1-9])/, '−')
    .replace(/^-/, '')
}

function table(columns: string[], rows: string[][]): string[] {
  return [columns, columns.map((_, index) => (index === 0 ? '---' : '--:')), ...rows].map(
    cells => `| ${cells.join(' | ')} |`,
  )
}
