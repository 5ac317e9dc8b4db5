import { formatDuration } from '../../../core/duration.ts'
import { formatCount, formatNumber, formatShare } from '../../../core/number-format.ts'
import type { CapacityProbe, CapacityResult } from '../../capacity/capacity-result.ts'
import { fittedThroughput } from '../../capacity/scalability.ts'
import { renderDocument } from '../html/document.ts'
import { moment, pageHeader, tile } from '../html/header.ts'
import { html, type Markup } from '../html/markup.ts'
import { type Column, facts, numeric, section, table } from '../html/table.ts'
import { formatBytes, formatMs, formatQuantity } from '../quantity.ts'
import { plottedMs, plottedProbes, responseLimit } from './picture.ts'
import { type Plot, plotFigure, type PlotPoint } from './plot.ts'
import { probeWord } from './summary.ts'
import { answerOf, findingsOf, formatLoad, formatLoads } from './words.ts'

/** Points of the curve of a fit. */
const CURVE_POINTS = 60

/** Returns the report of a search as one self-contained HTML file. Its plots are drawings, which need no script. */
export function capacityPage(result: CapacityResult): string {
  const { subject, version, probes } = result
  const { word } = answerOf(result)
  return renderDocument({
    title: `${word} · capacity of ${subject.scenario} · Loadcell`,
    main: html`${header(result)}${plots(result)}${findings(result)}${probeTable(result)}${about(result)}`,
    footer: `Loadcell ${version} · ${probes[0]?.runId ?? subject.scenario}`,
    data: { seconds: [], marks: [], bands: [], charts: {}, spectrum: { nines: [], series: [] }, recoveries: {} },
    ownStyle: new URL('./capacity.css', import.meta.url),
  })
}

function header(result: CapacityResult): Markup {
  const { capacity, subject, curve, cost, exitCode } = result
  const { word, sentence } = answerOf(result)
  const load = (value: number) => formatLoad(value, subject)
  const { ceiling } = curve
  return pageHeader({
    tone: capacity === undefined ? (exitCode === 0 ? 'passed' : 'doubtful') : 'passed',
    subject: html`Capacity of <strong>${subject.scenario}</strong> at ${subject.targetUrl}, ${moment(subject.startedAt)}`,
    word,
    sentence,
    tiles: [
      ...(capacity === undefined
        ? []
        : [
            tile(
              'Interval',
              formatLoads(capacity.interval, subject),
              `${formatShare(capacity.interval.level)} probability`,
            ),
            ...(capacity.confirmed === undefined
              ? []
              : [tile('Clearly met at', load(capacity.confirmed), 'the highest such probe')]),
          ]),
      ...(ceiling === undefined
        ? []
        : [
            tile(
              'Throughput',
              `${formatNumber(ceiling.iterationsPerSecond)}/s`,
              ceiling.reached ? 'more load brings no more' : 'its ceiling was not reached',
            ),
          ]),
      tile(
        'Cost',
        formatDuration(Math.round(cost.durationMs)),
        `${formatCount(cost.probes)} probes`,
        `${formatCount(cost.requests)} requests`,
      ),
    ],
  })
}

function plots(result: CapacityResult): Markup {
  const drawn = [latencyPlot(result), throughputPlot(result), scalabilityPlot(result)].filter(
    plot => plot.points.length > 0,
  )
  if (drawn.length === 0) return html``
  return section(
    'curve',
    'Probes',
    html`<p class="aside legend"><span class="meets">●</span> meets the objective <span class="fails">●</span> fails <span class="unclear">●</span> too close to call <span class="invalid">●</span> invalid</p>
<div class="plots">${drawn.map(plotFigure)}</div>\n`,
  )
}

const kinds: Record<CapacityProbe['state'], string> = {
  meets: 'meets',
  fails: 'fails',
  growing: 'fails',
  unclear: 'unclear',
  generator_limit: 'invalid',
  ended: 'invalid',
}

function pointsOf(
  { probes, subject }: CapacityResult,
  x: (probe: CapacityProbe) => number,
  y: (probe: CapacityProbe) => number,
): PlotPoint[] {
  return plottedProbes({ probes })
    .filter(probe => x(probe) > 0 && y(probe) > 0)
    .map(probe => ({
      x: x(probe),
      y: y(probe),
      kind: kinds[probe.state],
      title: `${formatLoad(probe.load, subject)}: ${formatMs(plottedMs(probe))}, ${formatNumber(probe.iterationsPerSecond)} iterations/s, ${probeWord(probe)}`,
    }))
}

function bandOf({ capacity, subject }: CapacityResult): Pick<Plot, 'band'> {
  if (capacity === undefined) return {}
  const { low, high } = capacity.interval
  const label = `The limit lies between ${formatLoad(low, subject)} and ${formatLoad(high, subject)}`
  return { band: { low, high, middle: capacity.estimate, label } }
}

function latencyPlot(result: CapacityResult): Plot {
  const { probes, subject, theory } = result
  const condition = probes[0]?.slo.find(({ unit }) => unit === 'ms')
  const limit = responseLimit(result)
  return {
    id: 'latency',
    title:
      condition === undefined
        ? 'Response time, p95'
        : `${condition.metric} ${condition.expression.split(/[<>=!]/)[0]!}`,
    note: 'Each dot is a probe. The shaded part is the interval of the capacity.',
    xLabel: subject.unit,
    yLabel: 'ms',
    points: pointsOf(result, ({ load }) => load, plottedMs),
    lines: [],
    ...(limit !== undefined && { limit: { value: limit, label: `objective: ${formatMs(limit)}` } }),
    ...bandOf(result),
    ...(theory?.load !== undefined && { mark: { value: theory.load, label: 'theory' } }),
  }
}

function throughputPlot(result: CapacityResult): Plot {
  return {
    id: 'throughput',
    title: 'Completed iterations a second',
    note: 'Where the dots stop rising, more load brings no more throughput.',
    xLabel: result.subject.unit,
    yLabel: 'iterations/s',
    points: pointsOf(
      result,
      ({ load }) => load,
      ({ iterationsPerSecond }) => iterationsPerSecond,
    ),
    lines: [],
    ...bandOf(result),
  }
}

function scalabilityPlot(result: CapacityResult): Plot {
  const { scalability } = result
  const points = pointsOf(
    result,
    ({ concurrency }) => concurrency,
    ({ requestsPerSecond }) => requestsPerSecond,
  )
  const loads = points.map(({ x }) => x)
  const [least, most] = [Math.min(...loads), Math.max(...loads)]
  const at = (share: number) => least * (most / least) ** share
  const curve = (): { x: number; y: number }[] =>
    scalability.state === 'too_few'
      ? []
      : Array.from({ length: CURVE_POINTS + 1 }, (_, index) => at(index / CURVE_POINTS)).map(x => ({
          x,
          y: fittedThroughput(scalability, x),
        }))
  return {
    id: 'scalability',
    title: 'Requests a second, by requests in the target at once',
    note:
      scalability.state === 'too_few'
        ? `The universal scalability law was not fitted: ${scalability.reason}.`
        : scalability.state === 'fits'
          ? 'The line is the universal scalability law that fits best.'
          : `The line is the universal scalability law that fits best, and it does not fit: it is off by ${formatShare(scalability.deviation)}.`,
    xLabel: 'requests at once (Little’s law)',
    yLabel: 'requests/s',
    points,
    lines: points.length === 0 ? [] : [{ points: curve(), kind: 'fit' }],
  }
}

function findings(result: CapacityResult): Markup {
  const rows = findingsOf(result).map(([name, text]) => [`${name[0]!.toUpperCase()}${name.slice(1)}`, text] as const)
  const { generatorLimit } = result
  return section(
    'findings',
    'Findings',
    html`<dl class="findings">${rows.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>\n`)}</dl>\n`,
    generatorLimit !== undefined &&
      html`<ul>${generatorLimit.findings.map(({ question, observed, advice }) => html`<li>${question} ${observed}. ${advice}</li>\n`)}</ul>\n`,
  )
}

function probeTable({ probes, subject }: CapacityResult): Markup {
  const conditions = probes[0]?.slo ?? []
  const columns: Column<CapacityProbe>[] = [
    { title: 'Load', kind: 'head', cell: ({ load }) => formatLoad(load, subject) },
    { title: 'Verdict', cell: probeWord },
    ...conditions.map(({ metric, expression }, at) =>
      numeric<CapacityProbe>(`${metric} ${expression}`, ({ slo }) => {
        const verdict = slo[at]
        return verdict?.observed === undefined ? '–' : formatQuantity(verdict.observed, verdict.unit)
      }),
    ),
    numeric('Margin', ({ margin }) =>
      margin === undefined ? '–' : `${signed(margin.value)} ± ${formatNumber(margin.error)}`,
    ),
    numeric('Iterations/s', ({ iterationsPerSecond }) => formatNumber(iterationsPerSecond)),
    numeric('Requests/s', ({ requestsPerSecond }) => formatNumber(requestsPerSecond)),
    numeric('At once', ({ concurrency }) => formatNumber(concurrency)),
    numeric('Failed', ({ failedShare }) => formatShare(failedShare)),
    numeric('p50', ({ response }) => formatMs(response.p50Ms)),
    numeric('p95', ({ response }) => formatMs(response.p95Ms)),
    { title: 'State', cell: ({ steadiness }) => steadiness.state },
    numeric('Measured', ({ measuredMs }) => formatDuration(Math.round(measuredMs))),
    numeric('Drained after', ({ drainedAfterMs }) => (drainedAfterMs === undefined ? 'not' : formatMs(drainedAfterMs))),
  ]
  return section(
    'probes',
    'All probes, in order',
    table('All probes', columns, probes),
    html`<p class="aside">A margin is the logarithm of what the objective allows, divided by what was observed: the share of samples beyond the limit for a percentile. Zero is exactly at the limit.</p>\n`,
  )
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${formatNumber(value)}`
}

function about({ subject, search, version, cost }: CapacityResult): Markup {
  const { environment } = subject
  return section(
    'search',
    'The search',
    html`<div class="columns">
${facts([
  ['Scenario', subject.scenario],
  ...(subject.load === undefined ? [] : [['Load of the scenario', subject.load] as const]),
  ['Load', subject.arrivals === undefined ? subject.unit : `${subject.unit}, ${subject.arrivals} arrivals`],
  ['From', formatLoad(search.min, subject)],
  ['To', formatLoad(search.max, subject)],
  ['First probe', formatLoad(search.start, subject)],
  ['Precision', `±${formatShare(search.precision)}`],
  ['Measured time of a probe', formatDuration(search.probeSeconds * 1000)],
  ['Measured in all', formatDuration(Math.round(cost.measuredMs))],
  ...Object.entries(subject.variables ?? {}).map(
    ([name, value]) => [name, html`<code>${String(value)}</code>`] as const,
  ),
  ['Seed', html`<code>${subject.seed}</code>`],
])}
${facts([
  ['Target', html`<code>${subject.targetUrl}</code>${subject.embedded && ', embedded'}`],
  ...Object.entries(subject.targetSettings).map(([key, value]) => [key, html`<code>${value}</code>`] as const),
  ['Faults', subject.faults.join(', ') || 'none'],
  ['Loadcell', version],
  ['Engine', subject.engine],
  ['Node.js', `${environment.node}, ${environment.platform}`],
  ['Machine', `${environment.cpuCount} × ${environment.cpuModel}`],
  ['Memory', formatBytes(environment.memoryBytes)],
])}
</div>\n`,
  )
}
