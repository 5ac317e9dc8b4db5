import type { RunFeedState } from '../run-feed.ts'
import { element, write } from '../widgets/element.ts'
import { offset } from './offset.ts'
import { phaseWords } from './phase-words.ts'

/** Which run this is, and how far it has come. */
export class RunHeader {
  readonly root: HTMLElement
  readonly #name = element('h1', {}, 'Loadcell run')
  readonly #about = element('p', { class: 'muted' })
  readonly #phase = element('strong', { 'data-phase': '' }, phaseWords.preparing)
  readonly #time = element('span', { class: 'muted' })
  readonly #silent = element('span', { class: 'silent' })
  readonly #progress = element('progress', { max: 1, value: 0, 'aria-label': 'Progress of the run' })

  #last = phaseWords.preparing

  constructor() {
    const progress = element(
      'p',
      { class: 'progress' },
      this.#phase,
      ' ',
      this.#progress,
      ' ',
      this.#time,
      ' ',
      this.#silent,
    )
    this.root = element('div', { class: 'run-header' }, this.#name, this.#about, progress)
  }

  /** Tells that nothing comes from the run any more. What is known of a run that has ended stays. */
  lose(): void {
    if (this.#phase.dataset['phase'] === 'ended') return
    document.title = `Unknown · ${this.#name.textContent} · Loadcell`
    write(this.#phase, `Unknown; when last heard of: ${this.#last}`)
    this.#phase.dataset['phase'] = 'unknown'
  }

  show({ run, phase, elapsedMs, plannedMs, loads, silent }: RunFeedState): void {
    write(this.#name, run.scenario)
    document.title = `${phaseWords[phase].split(/[:;]/)[0]} · ${run.scenario} · Loadcell`
    const target = run.isEmbedded ? 'the embedded target' : run.targetUrl
    const workers = run.workers > 1 ? ` · ${run.workers} workers` : ''
    const changed = loads.filter(({ factor, isOver }) => factor !== 1 && !isOver)
    const factors = changed.map(
      ({ name, factor }) => `${name ?? 'scaled'} to ${Number(factor.toPrecision(3))} × the plan`,
    )
    write(this.#about, `${run.load} · against ${target}${workers} · ${run.id}`)
    this.#last = phaseWords[phase]
    write(this.#phase, this.#last)
    this.#phase.dataset['phase'] = phase
    write(this.#time, [`${offset(elapsedMs / 1000)} of ${offset(plannedMs / 1000)}`, ...factors].join(' · '))
    write(this.#silent, silent.join(' · '))
    this.#progress.value = plannedMs > 0 ? Math.min(1, elapsedMs / plannedMs) : 1
  }
}
