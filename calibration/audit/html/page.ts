import { renderDocument } from '../../../harness/report/html/document.ts'
import { html } from '../../../harness/report/html/markup.ts'
import type { AuditResult } from '../audit-result.ts'
import { verdictTitles } from '../summary.ts'
import { about } from './about.ts'
import { destinations } from './destinations.ts'
import { findings } from './findings.ts'
import { headline } from './headline.ts'
import { latency, latencySpectrum } from './latency.ts'
import { load, loadCharts, loadSeconds } from './load.ts'
import { mutations } from './mutations.ts'
import { reconciliation } from './reconciliation.ts'

/** Returns the report of an audit as one self-contained HTML file. */
export function renderAudit(result: AuditResult): string {
  const { subject, tool, verdict, version } = result
  const name = tool?.name ?? subject.command?.program ?? subject.run
  return renderDocument({
    title: `${verdictTitles[verdict.word]} · ${name} · Loadcell`,
    main: html`${headline(result)}${findings(result)}${reconciliation(result)}${destinations(result)}${latency(result)}${load(result)}${mutations(result)}${about(result)}`,
    footer: `Loadcell ${version} · run ${subject.run}`,
    data: {
      seconds: loadSeconds(result),
      marks: [],
      bands: [],
      charts: Object.fromEntries(loadCharts(result).map(({ id, series }) => [id, { series }])),
      spectrum: latencySpectrum(result),
      recoveries: {},
    },
    ownStyle: new URL('./audit.css', import.meta.url),
  })
}
