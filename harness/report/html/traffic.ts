import { failureReasons } from '../../metrics/catalog.ts'
import type { ErrorRow } from '../../metrics/error-table.ts'
import type { RunResult } from '../../results/run-result.ts'
import { counted, formatMs, formatOffset, formatPart, formatRate } from '../quantity.ts'
import { formatCount } from '../../../core/number-format.ts'
import { connections } from './connections.ts'
import { groups, tagged } from './groups.ts'
import { languageModels } from './llm.ts'
import { loadTable } from './loads.ts'
import { breakable, html, type Markup } from './markup.ts'
import { places } from './places.ts'
import { requestNames } from './request-names.ts'
import { slowest } from './slowest.ts'
import { type Column, type Fact, facts, quantiles, section, sortable, table } from './table.ts'
import { users } from './users.ts'

/** The parts of the page that break the traffic down: names, iterations and jobs, events, connections, errors, checks. */
export function traffic(result: RunResult): Markup {
  return html`${loadTable(result)}${places(result)}${requestNames(result)}${slowest(result)}${users(result)}${languageModels(result)}${groups(result)}${tagged(result)}${work(result)}${events(result)}${connections(result)}${errors(result)}${checks(result)}`
}

function work({ totals }: RunResult): Markup {
  const { tokens, jobs, rateLimited, retries, resent, redirects, requests, tlsHandshaking } = totals
  const asked: Fact[] = [['Tokens', `${formatCount(tokens.issued)} issued, ${formatCount(tokens.refreshed)} refreshed`]]
  if (rateLimited > 0) {
    asked.push(['Told to slow down (429)', `${formatCount(rateLimited)} (${formatPart(rateLimited, requests)})`])
  }
  if (retries > 0) asked.push(['Requests sent again', formatCount(retries)])
  if (resent > 0) asked.push(['Sent once more on a new connection', formatCount(resent)])
  if (tlsHandshaking.count > 0) {
    asked.push(['TLS handshakes', formatCount(tlsHandshaking.count)], ...quantiles('TLS handshake', tlsHandshaking))
  }
  if (redirects.answered > 0) {
    asked.push(['Redirects', `${formatCount(redirects.answered)}, ${formatCount(redirects.followed)} of them followed`])
  }
  const jobFacts: Fact[] = [
    ['Jobs submitted', formatCount(jobs.submitted)],
    ['seen completed', formatCount(jobs.completed)],
    ['seen failed', formatCount(jobs.failed)],
    ...quantiles('Submit to end', jobs.duration),
  ]
  return section(
    'work',
    jobs.submitted > 0 ? 'Iterations, tokens and jobs' : 'Iterations and tokens',
    html`<div class="columns">
${facts([
  ['Iterations', `${formatCount(totals.iterations)}, ${formatRate(totals.iterationsPerSecond)} a second`],
  ...(totals.iteration.count > 0 ? [['Mean duration', formatMs(totals.iteration.meanMs)] as const] : []),
  ['that threw', formatCount(totals.failedIterations)],
  ['cut off at the end', formatCount(totals.interruptedIterations)],
  ['dropped, no user free', formatCount(totals.droppedIterations)],
])}
${facts(asked)}
${jobs.submitted > 0 && facts(jobFacts)}
</div>\n`,
  )
}

function events({ totals: { events } }: RunResult): Markup | undefined {
  if (events.published === 0 && events.e2e.count === 0 && events.delivered === 0) return undefined
  return section(
    'events',
    'Events',
    html`<div class="columns">
${facts([
  ['Published', formatCount(events.published)],
  ['acknowledged as new', formatCount(events.accepted)],
  ['as known already', formatCount(events.duplicate)],
  ['refused', formatCount(events.rejected)],
  ['sent without a readable response', formatCount(events.unknown)],
])}
${facts([
  ['Delivered on streams, to all consumers', formatCount(events.delivered)],
  ['never arrived (gaps)', formatCount(events.gaps)],
  ['arrived more than once', formatCount(events.duplicates)],
  ['arrived out of order', formatCount(events.outOfOrder)],
  ...(events.unplaced > 0 ? [['not checked, without an offset', formatCount(events.unplaced)] as Fact] : []),
])}
${facts([...quantiles('End to end', events.e2e), ...quantiles('First to last consumer', events.fanOutSkew)])}
</div>\n`,
  )
}

function errors({ errors, totals }: RunResult): Markup {
  if (errors.length === 0) return section('errors', 'Errors', html`<p>None.</p>`)
  const columns: Column<ErrorRow>[] = [
    sortable('Count', ({ count }) => count),
    {
      title: 'Reason',
      kind: 'head',
      cell: ({ reason, status }) => html`${failureReasons[reason]}${status !== undefined && ` ${status}`}`,
      order: ({ reason, status }) => `${reason} ${status ?? ''}`,
    },
    { title: 'Where', kind: 'name', cell: ({ name }) => breakable(name), order: ({ name }) => name },
    sortable('First', ({ firstMs }) => firstMs, formatOffset),
    sortable('Last', ({ lastMs }) => lastMs, formatOffset),
    { title: 'Example', kind: 'prose', cell: ({ example }) => html`<code>${example}</code>` },
  ]
  return section(
    'errors',
    'Errors',
    html`<p>${counted(totals.failedRequests, 'request')} of ${formatCount(totals.requests)} failed. Times are from the start of the run.</p>\n`,
    table('Errors by reason', columns, errors),
  )
}

function checks({ checks }: RunResult): Markup {
  if (checks.length === 0) return section('checks', 'Checks', html`<p>The scenario makes none.</p>`)
  const columns: Column<RunResult['checks'][number]>[] = [
    {
      title: 'State',
      order: ({ passes, fails }) => (passes === 0 ? 2 : Math.min(1, fails)),
      cell: ({ passes, fails }) => {
        if (fails === 0) return html`<span class="state passed">✓ held</span>`
        if (passes === 0) return html`<span class="state failed">✗ never held</span>`
        return html`<span class="state doubtful">! not always</span>`
      },
    },
    { title: 'Check', kind: 'head', cell: ({ name }) => name, order: ({ name }) => name },
    sortable('Held', ({ passes }) => passes),
    sortable('Did not', ({ fails }) => fails),
    {
      ...sortable('Share held', ({ passes, fails }) => passes / Math.max(1, passes + fails)),
      cell: ({ passes, fails }) => formatPart(passes, passes + fails),
    },
  ]
  const rows = table('Claims of the scenario about what it received', columns, checks)
  if (checks.some(({ fails }) => fails > 0)) return section('checks', 'Checks', rows)
  const all = checks.reduce((sum, { passes }) => sum + passes, 0)
  return section(
    'checks',
    'Checks',
    html`<p><span class="state passed">✓</span> All held, ${counted(all, 'time')} in all.</p>
<details><summary>${counted(checks.length, 'check')}</summary>
${rows}</details>\n`,
  )
}
