import type { RunDescription, RunResult } from '../../results/run-result.ts'
import type { WorkerRow } from '../../results/worker-rows.ts'
import { formatDuration } from '../../../core/duration.ts'
import { formatCount } from '../../../core/number-format.ts'
import { formatBytes } from '../quantity.ts'
import { repeatCommand } from '../repeat.ts'
import { stageText } from '../stage-lines.ts'
import { html, type Markup } from './markup.ts'
import { facts, section } from './table.ts'

/** The parts of the page about the run, how to repeat it, and how to read the page. */
export function about(result: RunResult): Markup {
  return html`${description(result)}${reading}`
}

function description({ run, environment, hosts = [], stages = {}, workers = [] }: RunResult): Markup {
  const requestsTo = (name: string) => hosts.find(host => host.name === name)?.requests ?? 0
  return section(
    'run',
    'The run',
    run.description !== undefined && html`<p>${run.description}</p>\n`,
    html`<div class="columns">
${facts([
  ['Scenario', run.scenario],
  ['Load', run.load],
  ...(run.profile === undefined ? [] : [['Profile', run.profile] as const]),
  ['Seed', html`<code>${run.seed}</code>`],
  ['Warm-up, left out of the numbers', formatDuration(run.warmupMs)],
  ...(['setup', 'teardown'] as const).flatMap(name => {
    const report = stages[name]
    return report === undefined ? [] : [[stageNames[name], stageText(report)] as const]
  }),
  ['Measured', formatDuration(Math.round(run.durationMs))],
  ...Object.entries(run.variables ?? {}).map(([name, value]) => [name, html`<code>${String(value)}</code>`] as const),
  ['Tags', tagList(run)],
])}
${facts([
  ['Target', html`<code>${run.targetUrl}</code>${run.embedded && ', embedded'}`],
  ...(run.proxy === undefined ? [] : [['Through the proxy', html`<code>${run.proxy}</code>`] as const]),
  ...(run.insecure ? [['Certificates of servers', 'not checked (insecure)'] as const] : []),
  ...(run.hosts ?? []).map(
    ({ name, url }) => [`Host ${name}`, html`<code>${url}</code>, ${formatCount(requestsTo(name))} requests`] as const,
  ),
  ...Object.entries(run.targetSettings).map(([key, value]) => [key, html`<code>${value}</code>`] as const),
  ['Run', html`<code>${run.id}</code>`],
  ['Loadcell', run.version],
  ['Engine', run.engine ?? 'undici'],
  ['Node.js', `${environment.node}, ${environment.platform}`],
  ['Machine', `${environment.cpuCount} × ${environment.cpuModel}`],
  ['Memory', formatBytes(environment.memoryBytes)],
])}
</div>
<p>Run it again: the same seed gives the same users, payloads and arrivals.${severalWorkers(workers)}</p>
<pre tabindex="0"><code>${repeatCommand(run)}</code></pre>\n`,
  )
}

/** Returns what the command leaves out: the URL of a cluster may hold credentials. */
function severalWorkers(workers: readonly WorkerRow[]): string {
  if (workers.length < 2) return ''
  const isCluster = workers.some(({ clock }) => clock !== undefined)
  return isCluster
    ? ` It ran on ${workers.length} workers of a cluster: add --cluster with its URL, and --workers ${workers.length}.`
    : ` It ran on ${workers.length} workers: add --workers ${workers.length} for as many.`
}

const stageNames = { setup: 'Setup, left out of the numbers', teardown: 'Teardown, left out of the numbers' }

function tagList({ tags }: RunDescription): string {
  return (
    Object.entries(tags)
      .map(([key, value]) => `${key}=${value}`)
      .join(', ') || 'none'
  )
}

const reading = section(
  'reading',
  'How to read this',
  html`<dl class="terms">
<dt>Response time and service time</dt>
<dd>Two clocks for one request. <em>Response time</em> starts when the request was due: it is how long a person waits.
<em>Service time</em> starts when it was sent: it is how long the target took. Where they differ, requests waited before they were sent.
Tools that measure only service time miss that wait.</dd>
<dt>p50, p95, p99</dt>
<dd>Of a hundred requests, 50, 95 or 99 were at least this fast. An average hides the slow ones; a percentile counts them.</dd>
<dt>Invalid</dt>
<dd>The numbers cannot be trusted. Either the generator was too busy to send on time, so that the numbers include its own delays: give it
more cores, or less load. Or the target’s ledger disagrees with them. Such a run neither passes nor fails a target.</dd>
<dt>Thresholds and checks</dt>
<dd>A threshold is a condition on the whole run and decides its exit code. A check is a claim about one response: it is counted, but a failed check
does not fail the run.</dd>
<dt>Harness against ledger</dt>
<dd>The target counts what truly happened to it, and the harness what it saw. Where both agree, nothing was lost or invented on the way.</dd>
<dt>Delivered and published</dt>
<dd>One event goes to every consumer that follows its stream, so deliveries are usually many times the events published.</dd>
</dl>\n`,
)
