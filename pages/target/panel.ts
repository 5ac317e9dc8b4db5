import type { TargetSetup, TargetSnapshot } from '../../contract/target-page.ts'
import { element } from '../widgets/element.ts'

/** A part of the page that shows some of each snapshot. */
export interface LivePanel {
  readonly root: HTMLElement
  show(snapshot: TargetSnapshot): void
  /** Called when anything that can be changed is set in another way. */
  arrange?(setup: TargetSetup): void
  /** The target was started again, so what was drawn belongs to another one. */
  restart(): void
}

/**
 * Creates the frame of a panel.
 * @param about one sentence: why to look at it
 */
export function panelFrame(id: string, title: string, about: string, ...content: Node[]): HTMLElement {
  const heading = element('h2', { id: `${id}-title` }, title)
  return element(
    'section',
    { id, class: 'panel', 'aria-labelledby': `${id}-title` },
    heading,
    element('p', { class: 'about' }, about),
    ...content,
  )
}
