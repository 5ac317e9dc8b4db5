import type { RunFeedState } from '../run-feed.ts'
import { element } from '../widgets/element.ts'
import type { BothEnds } from './run-seconds.ts'

/** A part of the page that shows some of a run. */
export interface RunPanel {
  readonly root: HTMLElement
  show(state: RunFeedState, seconds: readonly BothEnds[]): void
}

/**
 * Creates the frame of a panel.
 * @param about one sentence: why to look at it
 */
export function runPanelFrame(id: string, title: string, about: string, ...content: Node[]): HTMLElement {
  return element(
    'section',
    { id, class: 'panel', 'aria-labelledby': `${id}-title` },
    element('h2', { id: `${id}-title` }, title),
    element('p', { class: 'about' }, about),
    ...content,
  )
}
