import { BoundedMap } from '../../../core/bounded-map.ts'
import type { Clock } from '../../../core/clock.ts'
import { parseDuration } from '../../../core/duration.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { MemoryTable } from '../../memory/budget.ts'
import type { DeliveredPlaces, RecoveredPlaces } from './delivered-places.ts'

/** Estimate for a kept state without its events and names, and for one of its events; rounded up. */
const STATE_BYTES = 2000
const EVENT_BYTES = 100
const NAME_BYTES = 300

/** State of a member of a namespace when its connection was lost. */
export interface MemberState {
  tenant: string
  subject: string | undefined
  /** Names that it followed. */
  names: readonly string[]
  places: DeliveredPlaces
}

/** A state that a client recovers. */
export interface RecoveredState extends MemberState {
  recovered: RecoveredPlaces
}

interface KeptState {
  sid: string
  state: MemberState
  bytes: number
  until: number
}

/** The states of lost connections, by their secret. Each is recovered at most once. All is bounded. */
export class Recoveries {
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #memory: MemoryTable
  readonly #kept = new BoundedMap<string, KeptState>(({ bytes }) => this.#memory.release(bytes))

  constructor({ settings, clock, memory }: { settings: Settings; clock: Clock; memory: MemoryTable }) {
    this.#settings = settings
    this.#clock = clock
    this.#memory = memory
  }

  get size(): number {
    return this.#kept.size
  }

  keep(key: string, sid: string, state: MemberState): void {
    const { recoveryTime, recoveries } = this.#settings.current.socketio
    const keepMs = parseDuration(recoveryTime)
    this.forgetExpired()
    const bytes = STATE_BYTES + EVENT_BYTES * state.places.size + NAME_BYTES * state.names.length
    if (keepMs === 0 || recoveries === 0 || !this.#memory.tryCharge(bytes)) return
    this.#kept.set(key, { sid, state, bytes, until: this.#clock.now() + keepMs }, recoveries)
  }

  /** Returns a state, and where its client goes on; undefined if it is unknown, or too much was sent since the offset. */
  take(key: string, offset: string): { sid: string; state: RecoveredState } | undefined {
    this.forgetExpired()
    const kept = this.#kept.get(key)
    const recovered = kept?.state.places.behind(offset)
    if (kept === undefined || recovered === undefined) return undefined
    this.#kept.delete(key)
    return { sid: kept.sid, state: { ...kept.state, recovered } }
  }

  /** Returns whether there was one. */
  forgetOldest(): boolean {
    return this.#kept.forgetOldest()
  }

  forgetExpired(): void {
    const now = this.#clock.now()
    for (const [key, { until }] of this.#kept) {
      if (until > now) return
      this.#kept.delete(key)
    }
  }

  clear(): void {
    this.#kept.clear()
  }
}
