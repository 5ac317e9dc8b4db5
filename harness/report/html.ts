import type { RunResult } from '../results/run-result.ts'
import { headlineOf } from './headline.ts'
import { about } from './html/about.ts'
import { chartData, charts } from './html/charts.ts'
import { customMetrics } from './html/custom-metrics.ts'
import { delivery } from './html/delivery.ts'
import { renderDocument } from './html/document.ts'
import { judgement } from './html/judgement.ts'
import { faults, phases } from './html/faults.ts'
import { html } from './html/markup.ts'
import { recovery } from './html/recovery.ts'
import { server } from './html/server.ts'
import { traffic } from './html/traffic.ts'
import { workers } from './html/workers.ts'
import { chartViews, viewChoice } from './html/views.ts'

/**
 * Returns the report of a run as one self-contained HTML file with a strict Content-Security-Policy. Without scripts, only
 * the charts are missing.
 */
export function renderReport(result: RunResult): string {
  const { run } = result
  return renderDocument({
    title: `${headlineOf(result).word} · ${run.scenario} · Loadcell`,
    main: html`${judgement(result)}${charts(result)}${customMetrics(result)}${workers(result)}${server(result)}${phases(result)}${faults(result)}${recovery(result)}${delivery(result)}${traffic(result)}${about(result)}`,
    footer: `Loadcell ${run.version} · run ${run.id}`,
    data: chartData(result),
    views: chartViews(result),
    controls: viewChoice(result),
  })
}
