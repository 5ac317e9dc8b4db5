import { element, write } from '../widgets/element.ts'
import { count, number } from '../widgets/quantity.ts'
import type { LabState } from './lab-state.ts'

/** The run under way. */
export class RunProgress {
  readonly root: HTMLElement
  readonly #bar = element('progress', { max: '1', 'aria-label': 'Progress of the run' })
  readonly #text = element('p', { class: 'progress-text' })

  constructor(onStop: () => void) {
    const stop = element('button', { type: 'button' }, 'Stop')
    stop.addEventListener('click', onStop)
    this.root = element(
      'section',
      { class: 'panel', 'aria-labelledby': 'run-title', hidden: true },
      element('h2', { id: 'run-title', tabindex: '-1' }, 'Running'),
      element('p', { class: 'about' }, 'A target of its own gets the load now, and keeps its ledger.'),
      this.#bar,
      this.#text,
      stop,
    )
  }

  show({ stage, progress, loads }: LabState): void {
    this.root.hidden = stage !== 'run'
    if (progress === undefined) {
      this.#bar.removeAttribute('value')
      write(this.#text, 'The target starts …')
      return
    }
    const { load, elapsedMs, plannedMs, requests, requestsPerSecond } = progress
    const share = plannedMs > 0 ? Math.min(1, elapsedMs / plannedMs) : 0
    this.#bar.value = Math.min(1, (load - 1 + share) / loads)
    const which = loads === 1 ? '' : `Load ${load} of ${loads}: `
    const time = `${number(elapsedMs / 1000)} of about ${number(plannedMs / 1000)} s`
    write(this.#text, `${which}${time}, ${count(requests)} requests, ${number(requestsPerSecond)} per second`)
  }
}
