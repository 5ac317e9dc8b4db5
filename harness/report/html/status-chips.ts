import { formatCount } from '../../../core/number-format.ts'
import { html, type Markup } from './markup.ts'

/** Returns how many answers had each status, in order; requests without an answer last. */
export function statusChips(statuses: Readonly<Record<string, number>>): Markup {
  const chips = Object.entries(statuses)
    .sort(([a], [b]) => Number(a === '0') - Number(b === '0') || Number(a) - Number(b))
    .map(
      ([status, count]) =>
        html`<li class="chip ${toneOf(status)}"><b>${status === '0' ? 'no answer' : status}</b>${formatCount(count)}</li>`,
    )
  return html`<ul class="chips">${chips}</ul>`
}

/** Colours the class of a status. The number itself says the same without a colour. */
function toneOf(status: string): string {
  if (status === '0' || status.startsWith('5')) return 'failed'
  if (status.startsWith('4')) return 'doubtful'
  return status.startsWith('2') ? 'passed' : ''
}
