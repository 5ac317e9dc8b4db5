import { formatCount } from '../../../core/number-format.ts'
import { formatDuration } from '../../../core/duration.ts'
import { renderDocument } from '../../../harness/report/html/document.ts'
import { moment, pageHeader, tile } from '../../../harness/report/html/header.ts'
import { html, type Markup } from '../../../harness/report/html/markup.ts'
import { type Column, facts, numeric, section, table } from '../../../harness/report/html/table.ts'
import { formatBytes, formatMs } from '../../../harness/report/quantity.ts'
import type { CheckState } from '../../check-row.ts'
import type { CertifiedRow, CertifiedSubject, HarnessCertificate } from '../certificate.ts'
import type { Addition } from '../subject.ts'
import { verdictWords } from '../row-text.ts'
import { subjectSection } from './subject-section.ts'

/** Returns a certificate as one self-contained HTML file. */
export function renderCertificate(certificate: HarnessCertificate): string {
  const { verdict, version, startedAt } = certificate
  return renderDocument({
    title: `${verdictWords[verdict]} · calibration of the harness · Loadcell`,
    main: html`${headline(certificate)}${overview(certificate)}${resolution(certificate)}${certificate.subjects.map(subjectSection)}${machine(certificate)}${reading}`,
    footer: `Loadcell ${version} · ${new Date(startedAt).toISOString()}`,
    data: { seconds: [], marks: [], bands: [], charts: {}, spectrum: { nines: [], series: [] }, recoveries: {} },
    ownStyle: new URL('./certificate.css', import.meta.url),
  })
}

const sentences: Record<HarnessCertificate['verdict'], string> = {
  calibrated: 'The harness measured everything that was checked as it should.',
  unproven: 'Nothing deviates, but the machine was too busy for some rows to prove anything.',
  deviating: 'The harness measured something that it should not have, or missed something.',
}

function headline({ verdict, counts, subjects, startedAt, durationMs, version, size }: HarnessCertificate): Markup {
  const rows = counts.within + counts.outside + counts.invalid
  const defects = subjects.find(({ name }) => name === 'defects')
  const found = defects?.rows.filter(({ state }) => state === 'within').length ?? 0
  return pageHeader({
    tone: verdict,
    subject: html`<strong>Calibration of the harness</strong> · ${moment(startedAt)} · ${formatDuration(Math.round(durationMs))} · Loadcell ${version}, ${size}`,
    word: verdictWords[verdict],
    sentence: sentences[verdict],
    tiles: [
      tile('Rows within', formatCount(counts.within), `of ${formatCount(rows)}`),
      tile('Outside', formatCount(counts.outside), counts.outside === 0 ? 'nothing deviates' : 'see below'),
      tile(
        'Invalid',
        formatCount(counts.invalid),
        counts.invalid === 0 ? 'the machine was quiet' : 'too busy a machine',
      ),
      tile('Subjects', formatCount(subjects.length)),
      ...(defects === undefined
        ? []
        : [tile('Planted defects', formatCount(found), `of ${formatCount(defects.rows.length)} detected`)]),
    ],
  })
}

function overview({ subjects }: HarnessCertificate): Markup {
  const count = (rows: readonly CertifiedRow[], wanted: CheckState) =>
    formatCount(rows.filter(({ state }) => state === wanted).length)
  const columns: Column<CertifiedSubject>[] = [
    { title: 'Subject', kind: 'head', cell: ({ name, title }) => html`<a href="#${name}">${title}</a>` },
    { title: 'Question', kind: 'prose', cell: ({ question }) => question },
    numeric('Within', ({ rows }) => count(rows, 'within')),
    numeric('Outside', ({ rows }) => count(rows, 'outside')),
    numeric('Invalid', ({ rows }) => count(rows, 'invalid')),
    numeric('Took', ({ durationMs }) => formatMs(durationMs)),
  ]
  return section('overview', 'Subjects', table('Subjects and their rows', columns, subjects))
}

function resolution({ subjects }: HarnessCertificate): Markup | undefined {
  const additions = subjects.flatMap(({ additions }) => additions)
  if (additions.length === 0) return undefined
  const columns: Column<Addition>[] = [
    { title: 'Added to', kind: 'head', cell: ({ to }) => to },
    numeric('Median', ({ medianMs }) => formatMs(medianMs)),
    numeric('p99', ({ p99Ms }) => formatMs(p99Ms)),
    numeric('Samples', ({ count }) => formatCount(count)),
  ]
  return section(
    'resolution',
    'Resolution of the instrument',
    html`<p>What the harness and the loopback network add to a time of the target, measured where nothing was delayed.</p>\n`,
    table('Times added by the harness', columns, additions),
  )
}

function machine({ environment, version, engine, seed, size, level, durationMs }: HarnessCertificate): Markup {
  const { node, platform, cpuModel, cpuCount, memoryBytes } = environment
  return section(
    'machine',
    'Machine and versions',
    html`<div class="columns">
${facts([
  ['Loadcell, both ends', version],
  ['Engine', engine],
  ['Node.js', `${node}, ${platform}`],
  ['Machine', `${cpuCount} × ${cpuModel}`],
  ['Memory', formatBytes(memoryBytes)],
])}
${facts([
  ['Seed', html`<code>${seed}</code>`],
  ['Size', size],
  ['Level of statistical intervals', `${level * 100} %`],
  ['Took', formatDuration(Math.round(durationMs))],
])}
</div>\n`,
  )
}

const reading = section(
  'reading',
  'How to read this',
  html`<dl class="terms">
<dt>Expected and observed</dt>
<dd>The expected value is what was injected, planned, or follows from a formula; the observed one is what the harness reports.</dd>
<dt>Interval</dt>
<dd>It contains the true value with the probability above. Where chance plays no part, it is the tolerance; counts must agree <em>exactly</em>.</dd>
<dt>Within, outside, invalid</dt>
<dd>A row is <em>within</em> if the expected value lies in the interval. It is <em>invalid</em> if it does not, but a timer that the harness knows nothing of
was late as well: the machine was too busy, and the row proves nothing.</dd>
<dt>Planted defects</dt>
<dd>Each check is repeated with a harness that has a known defect. The defect must be detected, or the check is worth nothing.</dd>
</dl>\n`,
)
