import { element } from './element.ts'

/**
 * Creates the frame of a panel.
 * @param about one sentence: why to look at it
 */
export function panelFrame(id: string, title: string, about: string, ...content: Node[]): HTMLElement {
  return element(
    'section',
    { id, class: 'panel', 'aria-labelledby': `${id}-title` },
    element('h2', { id: `${id}-title` }, title),
    element('p', { class: 'about' }, about),
    ...content,
  )
}
