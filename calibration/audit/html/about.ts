import { formatDuration } from '../../../core/duration.ts'
import { formatShare } from '../../../core/number-format.ts'
import { html, type Markup } from '../../../harness/report/html/markup.ts'
import { type Fact, facts, section } from '../../../harness/report/html/table.ts'
import { shellWord } from '../../../harness/report/repeat.ts'
import type { AuditResult, CommandOutcome } from '../audit-result.ts'
import type { ToolTraits } from '../tool-report.ts'
import { prose } from './prose.ts'

/** The parts of the page about the audited run, its tool, and how to read the page. */
export function about(result: AuditResult): Markup {
  return html`${subject(result)}${tool(result)}${reading}`
}

function subject({ subject }: AuditResult): Markup {
  const { command, run, targetUrl, embedded, targetSettings, faults } = subject
  return section(
    'subject',
    'The audited run',
    command === undefined
      ? html`<p>The run was over before the audit.</p>\n`
      : html`<pre tabindex="0"><code>${[command.program, ...command.args].map(shellWord).join(' ')}</code></pre>
${
  command.added.length > 0 &&
  html`<p class="aside">Added by the audit:</p>
<ul class="remarks">${command.added.map(sentence => html`<li>${prose(sentence)}</li>\n`)}</ul>\n`
}`,
    html`<div class="columns">
${facts([...commandFacts(command), ['Run', html`<code>${run}</code>`]])}
${facts([
  ['Target', html`<code>${targetUrl}</code>${embedded && ', started by the audit'}`],
  ...Object.entries(targetSettings).map(([key, value]) => [key, html`<code>${value}</code>`] as const),
  [
    'Faults',
    faults.length === 0 ? 'none' : faults.map((fault, index) => html`${index > 0 && ', '}<code>${fault}</code>`),
  ],
])}
</div>\n`,
  )
}

function commandFacts(command: CommandOutcome | undefined): Fact[] {
  if (command === undefined) return []
  const { durationMs, exitCode, signal, stopped, cpuShare } = command
  const end = exitCode === null ? (signal ?? 'unknown') : `exit code ${exitCode}`
  return [
    ['Duration', formatDuration(Math.round(durationMs))],
    ['Ended with', end],
    ...(stopped === undefined ? [] : [['Stopped by the audit', stopped] as const]),
    ...(cpuShare === undefined
      ? []
      : [['CPU, median of its seconds', `${formatShare(cpuShare)} of one core`] as const]),
  ]
}

function tool({ tool }: AuditResult): Markup | undefined {
  if (tool === undefined) return undefined
  const { name, version, sources, traits, remarks } = tool
  return section(
    'tool',
    'The tool and its report',
    html`<div class="columns">
${facts([
  ['Tool', version === undefined ? name : `${name} ${version}`],
  ['Read from', sources.map((source, index) => html`${index > 0 && ', '}<code>${source}</code>`)],
  ...(traits === undefined ? [] : countFacts(traits)),
])}
${traits !== undefined && facts(latencyFacts(traits))}
</div>\n`,
    remarks.length > 0 && html`<ul class="remarks">${remarks.map(remark => html`<li>${prose(remark)}</li>\n`)}</ul>\n`,
  )
}

const atEnd: Record<ToolTraits['atEnd'], string> = {
  waits: 'waits for what is in flight',
  drops: 'drops what is in flight',
  errors: 'counts what is in flight as errors',
  loses_interval: 'loses its last interval',
}

const failure: Record<ToolTraits['failure'], string> = {
  status_400: 'a status from 400 on',
  not_2xx: 'any status but 2xx',
  transport: 'a request without an answer',
  checks: 'a failed check',
  never: 'nothing',
}

const bytes: Record<ToolTraits['bytes'], string> = {
  bodies: 'bodies',
  heads_and_bodies: 'heads and bodies',
  decoded_bodies: 'bodies, decompressed',
}

const percentiles: Record<ToolTraits['percentiles'], string> = {
  exact: 'exact',
  histogram: 'from buckets',
  rounded: 'rounded',
  averaged: 'averages of percentiles',
  none: 'none',
}

const models: Record<ToolTraits['model'], string> = {
  open: 'open: arrivals do not wait for answers',
  closed: 'closed: users wait for answers',
  either: 'open or closed',
}

function countFacts(traits: ToolTraits): Fact[] {
  return [
    ['At the end of the load', atEnd[traits.atEnd]],
    ['Counts', traits.counts === 'all' ? 'all requests' : 'successes only'],
    ['Takes for a failure', failure[traits.failure]],
    ['Takes for bytes', bytes[traits.bytes]],
  ]
}

function latencyFacts(traits: ToolTraits): Fact[] {
  const { percentileError, resolutionMs } = traits
  return [
    ['Model of load', models[traits.model]],
    ['Latency begins', traits.clock === 'send' ? 'when a request is sent' : 'when a request is due'],
    ['Latency is of', traits.latencyOf === 'all' ? 'all requests' : 'successes only'],
    ['Percentiles', percentiles[traits.percentiles]],
    ...(percentileError === 0 ? [] : [['Their error, at most', formatShare(percentileError)] as const]),
    ...(resolutionMs === undefined ? [] : [['Times are in steps of', `${resolutionMs} ms`] as const]),
  ]
}

const reading = section(
  'reading',
  'How to read this',
  html`<dl class="terms">
<dt>Truth</dt>
<dd>What the target recorded about every request that reached it, independently of the tool.</dd>
<dt>Agrees, explained, wrong</dt>
<dd>A number <em>agrees</em> if both sides have the same, apart from rounding. It is <em>explained</em> if it differs for a known and harmless reason.
Otherwise it is <em>wrong</em>.</dd>
<dt>Trustworthy</dt>
<dd>No number is wrong. How well the script imitates real users is another question, which the findings answer.</dd>
<dt>True but blind</dt>
<dd>The numbers are true, but the script checks too little to notice a broken service.</dd>
<dt>Inconclusive</dt>
<dd>There was no report, no request, the machine was too busy to measure, or too many mutations are unclear: the run without faults was as bad.</dd>
<dt>Time at the target, time of the tool</dt>
<dd>The target measures from a request’s head to the end of its answer. The tool’s time includes the connection and the tool’s own work.</dd>
<dt>p50, p95, p99</dt>
<dd>Of a hundred requests, 50, 95 or 99 were at least this fast.</dd>
</dl>\n`,
)
