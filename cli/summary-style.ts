/** Styles of the summary that a run prints at its end. */
export const summaryStyles = ['full', 'compact', 'json', 'none'] as const
export type SummaryStyle = (typeof summaryStyles)[number]

/** Tells whether stdout must hold nothing but the summary. */
export function isAlone(style: SummaryStyle): boolean {
  return style === 'json' || style === 'none'
}
