import type { ComparisonRow, RunComparison } from '../../comparison/comparison.ts'
import { formatCount } from '../../../core/number-format.ts'
import {
  changeOf,
  headingOf,
  missingLines,
  moreRoundsOf,
  rounded,
  signedChange,
  signedInterval,
  signs,
  verdictOf,
  warningsOf,
} from '../comparison.ts'
import { pageHeader, tile } from '../html/header.ts'
import { breakable, html, type Markup } from '../html/markup.ts'
import { type Column, numeric, section, sortable, table } from '../html/table.ts'
import { formatQuantity } from '../quantity.ts'
import { IntervalBars } from './interval-bar.ts'

type State = ComparisonRow['state']

/** Returns the top of the page: the answer in a word and a sentence, and what limits it. */
export function comparisonHeader(comparison: RunComparison): Markup {
  const { word, tone } = comparisonAnswer(comparison)
  const having = (state: State) => comparison.rows.filter(row => row.state === state).length
  return pageHeader({
    tone,
    subject: html`<strong>${headingOf(comparison)}</strong>`,
    word,
    sentence: verdictOf(comparison),
    more: warningsOf(comparison),
    tiles: [
      ...mainTiles(comparison),
      tile('Worse', formatCount(having('worse')), 'beyond chance'),
      tile('Better', formatCount(having('better')), 'beyond chance'),
      tile('Cannot tell', formatCount(having('unclear')), 'more rounds needed'),
    ],
  })
}

/** Returns the answer to the whole comparison in a word. */
export function comparisonAnswer({ rows }: RunComparison): { word: string; tone: string } {
  const any = (state: State) => rows.some(row => row.state === state)
  if (any('worse')) return { word: 'WORSE', tone: 'failed' }
  if (any('better')) return { word: 'BETTER', tone: 'passed' }
  if (rows.length === 0 || any('unclear')) return { word: 'CANNOT TELL', tone: 'doubtful' }
  return { word: 'NO DIFFERENCE', tone: 'passed' }
}

function mainTiles({ rows }: RunComparison): Markup[] {
  const main = [
    ['Median', 'http_req_duration p(50)'],
    ['p95', 'http_req_duration p(95)'],
    ['Requests a second', 'http_reqs rate'],
  ] as const
  return main.flatMap(([name, statistic]) => {
    const row = rows.find(each => each.statistic === statistic)
    if (row === undefined) return []
    const change = signedChange(row.verdict.change, row.unit)
    return [tile(name, change, `${formatQuantity(row.base, row.unit)} → ${formatQuantity(row.other, row.unit)}`)]
  })
}

/** Returns the sections with a verdict on each statistic: of the whole run, then by name. */
export function verdicts(comparison: RunComparison): Markup {
  const { rows, missing, tolerance, shareTolerance } = comparison
  const bars = new IntervalBars(comparison)
  const isNamed = ({ statistic }: ComparisonRow) => statistic.includes('{')
  const [whole, named] = [rows.filter(row => !isNamed(row)), rows.filter(isNamed)]
  const scale = `The area in the middle of a bar is what does not matter: ±${rounded(tolerance)}, and ±${Number((shareTolerance * 100).toPrecision(4))} points for shares. Runs like these detect changes from the size in the last column on, in four of five comparisons.`
  return html`${section(
    'verdicts',
    'The whole run',
    whole.length === 0
      ? html`<p>Nothing can be compared: no statistic is in every run.</p>`
      : verdictTable('Verdicts on the whole run', whole, bars),
    whole.length > 0 && html`<p class="aside">${scale}</p>\n`,
  )}${
    named.length > 0 &&
    section('names', 'By name', verdictTable('Verdicts by name', named, bars), html`<p class="aside">${scale}</p>\n`)
  }${
    missing.length > 0 &&
    section(
      'missing',
      'Not compared',
      html`<ul class="remarks">${missingLines(comparison).map(line => html`<li>${line}</li>\n`)}</ul>\n`,
    )
  }`
}

const tones: Record<State, string> = { worse: 'failed', better: 'passed', same: '', unclear: 'doubtful' }
const words: Record<State, string> = { worse: 'worse', better: 'better', same: 'no difference', unclear: 'cannot tell' }

function verdictTable(caption: string, rows: readonly ComparisonRow[], bars: IntervalBars): Markup {
  const columns: Column<ComparisonRow>[] = [
    {
      title: 'Verdict',
      cell: ({ state }) => html`<span class="state ${tones[state]}">${signs[state]} ${words[state]}</span>`,
      order: ({ state }) => state,
    },
    {
      title: 'Statistic',
      kind: 'head',
      cell: ({ statistic }) => html`<code>${breakable(statistic)}</code>`,
      order: ({ statistic }) => statistic,
    },
    {
      ...sortable<ComparisonRow>('Change', ({ verdict }) => verdict.change),
      cell: ({ verdict, unit }) => signedChange(verdict.change, unit),
    },
    { title: 'Interval', cell: row => html`<span class="${tones[row.state]}">${bars.bar(row)}</span>` },
    {
      title: '95 % interval',
      cell: ({ verdict: { interval }, unit }) => signedInterval(interval, unit),
    },
    numeric('Base', ({ base, unit }) => formatQuantity(base, unit)),
    numeric('New', ({ other, unit }) => formatQuantity(other, unit)),
    {
      title: 'Detects from',
      kind: 'number',
      cell: row =>
        html`${changeOf(Math.abs(row.verdict.smallestDetectable), row.unit)}${row.state === 'unclear' && html`<span class="line part">${moreRoundsOf(row.verdict).replace('about ', '')}</span>`}`,
    },
  ]
  return table(caption, columns, rows)
}
