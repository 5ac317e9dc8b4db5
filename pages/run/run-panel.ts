import type { RunFeedState } from '../run-feed.ts'
import type { BothEnds } from './run-seconds.ts'

/** A part of the page that shows some of a run. */
export interface RunPanel {
  readonly root: HTMLElement
  show(state: RunFeedState, seconds: readonly BothEnds[]): void
}
