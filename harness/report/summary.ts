import { connectionWords } from './connection-words.ts'
import { failureReasons } from '../metrics/catalog.ts'
import type { ErrorRow } from '../metrics/error-table.ts'
import type { RunResult } from '../results/run-result.ts'
import type { Totals } from '../results/totals.ts'
import type { TrendSummary } from '../results/trend-summary.ts'
import { formatDuration } from '../../core/duration.ts'
import { customMetricLines, groupLines } from './custom-lines.ts'
import { deliveryLines, lagLines, recoveryLines } from './delivery-lines.ts'
import { faultLines, phaseLines } from './fault-lines.ts'
import { type Headline, headlineOf } from './headline.ts'
import { liveChangeLines } from './live-change-lines.ts'
import { llmLines } from './llm-lines.ts'
import { loadLines } from './load-lines.ts'
import { placeLines } from './place-lines.ts'
import { counted, formatOffset, formatPart, formatPercentiles, formatRate } from './quantity.ts'
import { formatCount } from '../../core/number-format.ts'
import { serverLines } from './server-lines.ts'
import { stageLines } from './stage-lines.ts'
import { slowestLines } from './slowest-lines.ts'
import { tagComparisonLines } from './tag-comparison.ts'
import { clipped, type Paint, paintFor, plain, wrapped, wrappedWithin } from './terminal.ts'
import { workerLines } from './worker-lines.ts'
import { ledgerLines, mark, regressionLines, thresholdLines, validityLines } from './verdict-lines.ts'

export interface SummaryOptions {
  /** Stream that the summary is written to; it decides whether colours are used. */
  stream?: NodeJS.WritableStream
}

const WIDTH = 80
const LABEL_WIDTH = 12
const MOST_ERRORS = 5
/** Most lines of the example of an error. */
const MOST_EXAMPLE_LINES = 3
const wordStyles = { PASSED: 'green', FAILED: 'red', INVALID: 'yellow', INTERRUPTED: 'yellow' } as const

/** Returns the summary of a run, for one screen of a terminal. */
export function summaryLines(result: RunResult, { stream = process.stdout }: SummaryOptions = {}): string[] {
  const paint = paintFor(stream)
  return [
    '',
    ...heading(result, paint),
    '',
    ...verdict(headlineOf(result), paint),
    '',
    ...labelled('setup', stageLines(result.stages?.setup, WIDTH - LABEL_WIDTH), paint),
    ...labelled('requests', requests(result), paint),
    ...labelled('loads', loadLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('places', placeLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('control', liveChangeLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('slowest', slowestLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('jobs', jobs(result), paint),
    ...labelled('models', llmLines(result), paint),
    ...labelled('events', events(result), paint),
    ...labelled('sockets', sockets(result), paint),
    ...labelled('phases', phaseLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('faults', faultLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('recovery', recoveryLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('lag', lagLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('deliveries', deliveryLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('workers', workerLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('server', serverLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('iterations', iterations(result), paint),
    ...labelled('groups', groupLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('metrics', customMetricLines(result, WIDTH - LABEL_WIDTH), paint),
    ...labelled('by tag', tagComparisonLines(result.customMetrics ?? [], WIDTH - LABEL_WIDTH), paint),
    ...labelled('checks', checks(result.checks, paint), paint),
    ...labelled('errors', errors(result.errors, paint), paint),
    ...labelled(
      'hosts',
      hostLines(result).flatMap(line => wrapped(line, WIDTH - LABEL_WIDTH)),
      paint,
    ),
    ...labelled('teardown', stageLines(result.stages?.teardown, WIDTH - LABEL_WIDTH), paint),
    ...labelled('thresholds', thresholdLines(result.thresholds, WIDTH - LABEL_WIDTH, paint), paint),
    ...labelled('baseline', regressionLines(result.regressions ?? [], WIDTH - LABEL_WIDTH, paint), paint),
    ...labelled('validity', validityLines(result, WIDTH - LABEL_WIDTH, paint), paint),
    ...labelled('ledger', ledgerLines(result, WIDTH - LABEL_WIDTH, paint), paint),
  ]
}

/** Returns the last line of the summary, which says where the report was written. */
export function reportLine(path: string, { stream = process.stdout }: SummaryOptions = {}): string {
  return `${paintFor(stream)('dim', 'report'.padEnd(LABEL_WIDTH))}${path}`
}

/** Returns the names of the other files in the folder of the report. */
export function besideLines(names: readonly string[], { stream = process.stdout }: SummaryOptions = {}): string[] {
  if (names.length === 0) return []
  return labelled('', wrapped(`beside it: ${names.join(', ')}`, WIDTH - LABEL_WIDTH), paintFor(stream))
}

function heading({ run }: RunResult, paint: Paint): string[] {
  const place = `${plain(run.targetUrl)}${connectionWords(run)}`
  const [first, ...rest] = wrapped(
    `${plain(run.scenario)} · ${formatDuration(Math.round(run.durationMs))} · seed ${run.seed} · ${place}`,
    WIDTH,
  )
  return [paint('bold', first ?? ''), ...rest, ...wrapped(plain(run.load), WIDTH).map(line => paint('dim', line))]
}

function verdict({ word, sentence }: Headline, paint: Paint): string[] {
  const [first, ...rest] = wrapped(plain(sentence), WIDTH - LABEL_WIDTH)
  const indent = ' '.repeat(LABEL_WIDTH)
  return [`${paint(wordStyles[word], word.padEnd(LABEL_WIDTH))}${first}`, ...rest.map(line => indent + line)]
}

/** Returns the lines with a label before the first; nothing without lines. */
function labelled(label: string, lines: string[], paint: Paint): string[] {
  return lines.map((line, index) => `${paint('dim', (index === 0 ? label : '').padEnd(LABEL_WIDTH))}${line}`)
}

function requests({ totals }: RunResult): string[] {
  const { requests, failedRequests, response, service } = totals
  if (requests === 0) return ['none were sent']
  const failed =
    failedRequests === 0
      ? 'none failed'
      : `${formatCount(failedRequests)} failed (${formatPart(failedRequests, requests)})`
  return [
    `${formatCount(requests)} · ${formatRate(totals.requestsPerSecond)} a second · ${failed}`,
    ...resentAndRedirected(totals),
    ...latency('response', response, 'from when due'),
    ...latency('service', service, 'from when sent'),
  ]
}

/** Returns a line for each other server of the scenario, and says which were not used. */
function hostLines({ hosts = [], run }: RunResult): string[] {
  return hosts.map(({ name, requests, failedRequests }) => {
    const place = `${plain(name)} (${plain(run.hosts?.find(host => host.name === name)?.url ?? '')})`
    if (requests === 0) return `${place}: no request; is it still needed?`
    const failed =
      failedRequests === 0
        ? 'none failed'
        : `${formatCount(failedRequests)} failed (${formatPart(failedRequests, requests)})`
    return `${place}: ${formatCount(requests)} requests, ${failed}`
  })
}

/** Returns retries, redirects and the like, if there were any. */
function resentAndRedirected({ requests, rateLimited, retries, resent, redirects }: Totals): string[] {
  const happened = [
    rateLimited > 0 && `${formatCount(rateLimited)} rate limited with 429 (${formatPart(rateLimited, requests)})`,
    retries > 0 && `${formatCount(retries)} retried`,
    resent > 0 && `${formatCount(resent)} resent, because the server closed the connection`,
    redirects.answered > 0 &&
      `${formatCount(redirects.answered)} redirected (${formatPart(redirects.answered, requests)}), ${followed(redirects)}`,
  ].filter(text => text !== false)
  return wrapped(happened.join(' · '), WIDTH - LABEL_WIDTH).filter(line => line !== '')
}

function followed({ answered, followed }: Totals['redirects']): string {
  if (followed === answered) return 'all followed'
  return followed === 0 ? 'none followed' : `${formatCount(followed)} followed`
}

function jobs({ totals: { jobs } }: RunResult): string[] {
  if (jobs.submitted === 0) return []
  const { submitted, completed, failed, duration } = jobs
  return [
    `${formatCount(submitted)} submitted · ${formatCount(completed)} completed · ${formatCount(failed)} failed`,
    ...latency('duration', duration, 'from the submit'),
  ]
}

function latency(name: string, trend: TrendSummary, meaning: string): string[] {
  if (trend.count === 0) return []
  const figures = formatPercentiles(trend)
    .map(text => text.padEnd(14))
    .join('')
  return [`${name.padEnd(9)}${figures}${meaning}`]
}

function events({ totals }: RunResult): string[] {
  const { events, streams, sockets } = totals
  if (events.published === 0 && streams.opened === 0 && sockets.events === 0) return []
  const mishaps = [
    [events.rejected, 'refused'],
    [events.duplicate, 'known already'],
    [events.unknown, 'sent without a readable response'],
    [events.gaps, 'never arrived'],
    [events.duplicates, 'arrived twice'],
    [events.outOfOrder, 'out of order'],
    [streams.reconnects, streams.reconnects === 1 ? 'reconnect' : 'reconnects'],
    [streams.resets, streams.resets === 1 ? 'stream reset' : 'stream resets'],
  ] as const
  const happened = mishaps.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`)
  const published = `${formatCount(events.published)} published`
  const delivered = [
    streams.opened > 0 && `${formatCount(events.delivered)} delivered on ${counted(streams.opened, 'stream')}`,
    sockets.events > 0 && `${formatCount(sockets.events)} delivered on ${counted(sockets.opened, 'socket')}`,
  ].filter(text => text !== false)
  const flow =
    delivered.length === 0
      ? `${published}, no stream was opened`
      : `${events.published > 0 || streams.opened > 0 ? `${published} → ` : ''}${delivered.join(', ')}`
  const checked = events.delivered + sockets.events > events.unplaced || events.unplaced === 0
  if (happened.length === 0 && delivered.length > 0 && checked) happened.push('nothing lost, repeated or out of order')
  if (events.unplaced > 0) {
    happened.push(`${formatCount(events.unplaced)} without an offset, so that their order could not be checked`)
  }
  return [
    ...wrapped(flow, WIDTH - LABEL_WIDTH),
    ...latency('latency', events.e2e, 'end to end'),
    ...latency('skew', events.fanOutSkew, 'first to last'),
    ...(happened.length > 0 ? wrapped(happened.join(', '), WIDTH - LABEL_WIDTH) : []),
  ]
}

const MOST_CLOSINGS = 4

function sockets({ totals: { sockets } }: RunResult): string[] {
  if (sockets.opened === 0) return []
  const { opened, peakOpen, framesSent, framesReceived, reconnects, unansweredRequests, closed } = sockets
  const mishaps = [
    reconnects > 0 && counted(reconnects, 'reconnect'),
    unansweredRequests > 0 && `${counted(unansweredRequests, 'request')} unanswered`,
  ].filter(text => text !== false)
  const endings = closed
    .slice(0, MOST_CLOSINGS)
    .map(
      ({ count, code, name, by }) => `${formatCount(count)} ${by === 'lost' ? 'lost' : `by ${by}`} (${code} ${name})`,
    )
  const frames = `${formatCount(framesSent)} frames sent, ${formatCount(framesReceived)} received`
  return [
    ...wrapped(`${formatCount(opened)} opened, ${formatCount(peakOpen)} at once · ${frames}`, WIDTH - LABEL_WIDTH),
    ...latency('response', sockets.response, 'from when due'),
    ...(mishaps.length > 0 ? [mishaps.join(', ')] : []),
    ...(endings.length > 0 ? wrapped(`closed: ${endings.join(', ')}`, WIDTH - LABEL_WIDTH) : []),
  ]
}

/** Returns how many iterations completed and how long they took, and those that did not complete. */
function iterations({ totals }: RunResult): string[] {
  const told = [
    [totals.droppedIterations, 'dropped (no user was free)'],
    [totals.failedIterations, 'threw'],
    [totals.interruptedIterations, 'cut off at the end'],
  ] as const
  const happened = told.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`)
  if (totals.iterations === 0 && happened.length === 0) return []
  const ended =
    totals.iterations === 0
      ? ['none completed']
      : [`${formatCount(totals.iterations)} completed`, `${formatRate(totals.iterationsPerSecond)} a second`]
  return [
    ...wrapped([...ended, ...happened].join(' · '), WIDTH - LABEL_WIDTH),
    ...latency('duration', totals.iteration, 'from when due'),
  ]
}

const MOST_CHECKS = 5

/** Returns the failed checks by name, most failures first, and how often checks held in all. */
function checks(rows: RunResult['checks'], paint: Paint): string[] {
  if (rows.length === 0) return []
  const failed = rows.filter(({ fails }) => fails > 0).sort((a, b) => b.fails - a.fails)
  const lines = failed.slice(0, MOST_CHECKS).map(({ name, passes, fails }) => {
    const all = passes + fails
    const how = passes === 0 ? 'never held,' : `failed ${formatCount(fails)} of ${formatCount(all)} times`
    const share = passes === 0 ? `checked ${counted(all, 'time')}` : `(${formatPart(fails, all)})`
    return `${mark('failed', paint)} ${clipped(`${how} ${share} · ${plain(name)}`, WIDTH - LABEL_WIDTH - 2)}`
  })
  const passes = rows.reduce((sum, row) => sum + row.passes, 0)
  const all = rows.reduce((sum, row) => sum + row.fails, passes)
  const held = `${formatCount(passes)} of ${formatCount(all)} held (${formatPart(passes, all)})`
  const whole =
    failed.length === 0
      ? `${mark('passed', paint)} ${counted(rows.length, 'check')} held, ${counted(all, 'time')} in all`
      : `${held} · ${failed.length} of ${counted(rows.length, 'check')} failed`
  return [
    ...lines,
    ...(failed.length > MOST_CHECKS ? [`and ${failed.length - MOST_CHECKS} more that failed`] : []),
    whole,
  ]
}

function errors(rows: ErrorRow[], paint: Paint): string[] {
  const lines = rows.slice(0, MOST_ERRORS).flatMap(row => {
    const reason =
      row.status === undefined ? failureReasons[row.reason] : `${failureReasons[row.reason]}, ${row.status}`
    const when = `${formatOffset(row.firstMs)}–${formatOffset(row.lastMs)}`
    const what = clipped(`${formatCount(row.count)} × ${reason} · ${when} · ${plain(row.name)}`, WIDTH - LABEL_WIDTH)
    if (row.example === '') return [what]
    // What is wrong often stands behind a long path, so the example goes on over some lines.
    const example = wrappedWithin(plain(row.example), WIDTH - LABEL_WIDTH - 2, MOST_EXAMPLE_LINES)
    return [what, ...example.map(line => paint('dim', `  ${line}`))]
  })
  return rows.length > MOST_ERRORS ? [...lines, `and ${rows.length - MOST_ERRORS} more kinds`] : lines
}
