import type { RunResult } from '../results/run-result.ts'
import { formatOffset } from './quantity.ts'
import { clipped, plain, wrapped } from './terminal.ts'

const MOST_CHANGES = 8

/** Returns a line for each command that changed the run while it went on, and how long it was paused. */
export function liveChangeLines({ marks, liveControl }: RunResult, width: number): string[] {
  const commands = marks.filter(({ source }) => source === 'live control')
  const lines = commands
    .slice(0, MOST_CHANGES)
    .map(({ atMs, label }) => clipped(`${formatOffset(atMs)} ${plain(label)}`, width))
  const more = commands.length > MOST_CHANGES ? [`and ${commands.length - MOST_CHANGES} more`] : []
  const paused =
    liveControl === undefined || liveControl.pausedMs === 0
      ? []
      : wrapped(`paused for ${formatOffset(liveControl.pausedMs)}, which no rate counts`, width)
  return [...lines, ...more, ...paused]
}
