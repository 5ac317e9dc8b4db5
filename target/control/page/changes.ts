import { isDeepStrictEqual } from 'node:util'
import type { ChangeRequest, LiveChange } from '../../../contract/target-page.ts'
import type { Clock } from '../../../core/clock.ts'
import type { LiveSettings } from '../../configuration/settings.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import { changeSettings, checkedChange } from '../change.ts'
import { type ChangePlace, commandOf, valueAtPlace, withValue, yamlOf } from './change-place.ts'

export interface ChangesDependencies {
  settings: LiveSettings
  clock: Clock
  lifecycle: Pick<Lifecycle, 'on'>
  /** Called after each change of the timeline, so that an equal one begins again as well. */
  onTimeline: () => void
}

/** A change that can be undone. */
interface MadeChange extends ChangePlace {
  shown: LiveChange
  /** Values of its place before and after it. */
  before: unknown
  after: unknown
  expiry: AbortController
}

const DEFAULT_EXPIRY_MS = 60_000
/** Beyond it, the oldest change that is confirmed is forgotten, and can no longer be undone. */
const MOST_CHANGES = 40

/**
 * The changes that people make on the live page. Each ends by itself, here and not in the page, unless someone confirms it. Undoing
 * one brings back what was set before at its place, and leaves all other places as they are.
 */
export class Changes {
  /** Increases with every change of the list. */
  version = 0
  readonly #dependencies: ChangesDependencies
  readonly #made: MadeChange[] = []
  #nextId = 1

  constructor(dependencies: ChangesDependencies) {
    this.#dependencies = dependencies
    dependencies.lifecycle.on('stop', () => {
      for (const { expiry } of this.#made) expiry.abort()
    })
  }

  /** Newest first. */
  get list(): LiveChange[] {
    return this.#made.map(({ shown }) => shown).reverse()
  }

  /** Says what a change would set, without setting it. @throws ProblemError if it is wrong */
  preview(request: ChangeRequest, value: unknown, address: string): Pick<LiveChange, 'yaml' | 'command'> {
    const { current } = this.#dependencies.settings
    const next = checkedChange(current, withValue(current, request, value))
    return { yaml: yamlOf(request, value), command: commandOf(request, value, next, address) }
  }

  /** Makes a change. @throws ProblemError if it is wrong; then nothing has changed */
  make(request: ChangeRequest, value: unknown, address: string): LiveChange {
    const { settings, clock, onTimeline } = this.#dependencies
    this.#makeRoom()
    const { title, place, name, expiresAfterMs = DEFAULT_EXPIRY_MS } = request
    const before = valueAtPlace(settings.current, request)
    const next = changeSettings(settings, withValue(settings.current, request, value))
    if (place === 'timeline') onTimeline()
    const at = Math.round(clock.wallTime())
    const made: MadeChange = {
      place,
      name,
      before,
      after: valueAtPlace(next, request),
      expiry: new AbortController(),
      shown: {
        id: this.#nextId++,
        title,
        at,
        expiresAt: at + expiresAfterMs,
        yaml: yamlOf(request, value),
        command: commandOf(request, value, next, address),
      },
    }
    this.#made.push(made)
    this.version += 1
    void this.#expire(made, expiresAfterMs)
    return made.shown
  }

  /** Keeps a change until someone undoes it. @throws ProblemError not_found */
  confirm(id: number): LiveChange {
    const made = this.#find(id)
    made.expiry.abort()
    const { expiresAt: _, ...kept } = made.shown
    made.shown = kept
    this.version += 1
    return made.shown
  }

  /**
   * Undoes a change. Returns whether its place is as before. It is not if something else has changed it since.
   * @throws ProblemError not_found
   */
  undo(id: number): { undone: boolean; detail?: string } {
    return this.#undo(this.#find(id))
  }

  /** Undoes everything, the newest first. Returns whether all places are as before. */
  undoAll(): { undone: boolean; detail?: string } {
    const kept: string[] = []
    while (this.#made.length > 0) {
      const made = this.#made.at(-1)!
      const { undone, detail } = this.#undo(made)
      if (!undone) kept.push(`${made.shown.title} (${detail})`)
    }
    return kept.length === 0 ? { undone: true } : { undone: false, detail: kept.join('; ') }
  }

  #undo(made: MadeChange): { undone: boolean; detail?: string } {
    const { settings, onTimeline } = this.#dependencies
    const index = this.#made.indexOf(made)
    this.#made.splice(index, 1)
    made.expiry.abort()
    this.version += 1
    // A later change of the same place hides it, and now brings back what was there before both.
    const later = this.#made.slice(index).find(other => other.place === made.place && other.name === made.name)
    if (later !== undefined) {
      later.before = made.before
      return { undone: true }
    }
    if (!isDeepStrictEqual(valueAtPlace(settings.current, made), made.after)) {
      return { undone: false, detail: 'something else has changed it since, and it stays as it is' }
    }
    try {
      changeSettings(settings, withValue(settings.current, made, made.before))
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      return { undone: false, detail: error.message }
    }
    if (made.place === 'timeline') onTimeline()
    return { undone: true }
  }

  async #expire(made: MadeChange, afterMs: number): Promise<void> {
    await this.#dependencies.clock.sleep(afterMs, made.expiry.signal)
    if (!made.expiry.signal.aborted) this.#undo(made)
  }

  #find(id: number): MadeChange {
    const made = this.#made.find(({ shown }) => shown.id === id)
    if (made === undefined) throw new ProblemError('not_found', `there is no change ${id}: it is undone or has expired`)
    return made
  }

  #makeRoom(): void {
    if (this.#made.length < MOST_CHANGES) return
    const kept = this.#made.findIndex(({ shown }) => shown.expiresAt === undefined)
    if (kept === -1) {
      throw new ProblemError('too_many_changes', `${MOST_CHANGES} changes wait to be confirmed; confirm or undo one`)
    }
    this.#made.splice(kept, 1)
  }
}
