import { formatDuration } from '../../../core/duration.ts'
import { formatCount } from '../../../core/number-format.ts'
import { asSentence } from '../../../harness/report/headline.ts'
import { moment, pageHeader, tile } from '../../../harness/report/html/header.ts'
import { html, type Markup } from '../../../harness/report/html/markup.ts'
import { counted, formatMs, formatRate } from '../../../harness/report/quantity.ts'
import type { AuditResult, RowJudgement } from '../audit-result.ts'
import { verdictTitles } from '../summary.ts'

/** The part of the page with the verdict, its reasons and the most important numbers. */
export function headline(result: AuditResult): Markup {
  const { verdict, doubts } = result
  return pageHeader({
    tone: verdict.word,
    subject: subjectOf(result),
    word: verdictTitles[verdict.word],
    sentence: asSentence(verdict.sentence),
    more: doubts.filter(doubt => doubt !== verdict.sentence).map(asSentence),
    tiles: tiles(result),
  })
}

function subjectOf({ subject, tool, load }: AuditResult): Markup {
  const { command, run } = subject
  const name = tool?.name ?? command?.program ?? run
  const beganAt = command?.startedAt ?? load.firstAt
  return html`<strong>${name}${tool?.version !== undefined && ` ${tool.version}`}</strong>${beganAt !== undefined && html` · ${moment(beganAt)}`}${
    command !== undefined && ` · ${formatDuration(Math.round(command.durationMs))}`
  } · run ${run}`
}

function tiles(result: AuditResult): Markup[] {
  const { accounting, tool, load, findings, mutations } = result
  const { total } = accounting
  const severe = findings.filter(({ harm }) => harm === 'high').length
  return [
    tile('Requests that arrived', formatCount(total.arrivals), `${formatRate(load.ratePerSecond)} a second`),
    tool === undefined
      ? tile('Requests reported', '–', 'no report could be read')
      : tile('Requests reported', formatCount(total.tool), reportedNote(total.tool - total.arrivals)),
    numbersTile(result),
    latencyTile(result),
    tile('Under way at once', formatCount(load.concurrency.peak), `${load.concurrency.mean.toFixed(1)} on average`),
    mutations === undefined
      ? tile('Findings', formatCount(findings.length), severe === 0 ? 'none does much harm' : `${severe} do much harm`)
      : tile(
          'Mutations noticed',
          `${formatCount(mutations.noticed)} of ${formatCount(mutations.tried)}`,
          counted(findings.length, 'finding'),
        ),
  ]
}

function reportedNote(difference: number): string {
  if (difference === 0) return 'exactly as many'
  return `${formatCount(Math.abs(difference))} ${difference > 0 ? 'more' : 'fewer'}`
}

function numbersTile({ comparison }: AuditResult): Markup {
  const judgements = comparison.flatMap(({ rows }) => rows.map(({ judgement }) => judgement))
  const of = (wanted: RowJudgement) => judgements.filter(judgement => judgement === wanted).length
  const judged = judgements.length - of('not_compared')
  if (judged === 0) return tile('Numbers that agree', '–', 'none was compared')
  return tile(
    'Numbers that agree',
    `${formatCount(of('agrees'))} of ${formatCount(judged)}`,
    `${formatCount(of('explained'))} explained`,
    `${formatCount(of('wrong'))} wrong`,
  )
}

function latencyTile({ latency: { spectrum, service } }: AuditResult): Markup {
  if (service.count === 0) return tile('p99', '–', 'no request was answered')
  const toolMs = spectrum.find(({ percentile }) => percentile === 99)?.toolMs
  return toolMs === undefined
    ? tile('p99 at the target', formatMs(service.p99Ms), 'the tool reports none')
    : tile('p99 of the tool', formatMs(toolMs), `${formatMs(service.p99Ms)} at the target`)
}
