import { rulesOfPreset } from '../../contract/faults/presets.ts'
import type { TimelineBand, TimelineReport } from '../../contract/faults/report.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import type { FaultTimeline } from '../../contract/faults/configuration.ts'
import { parseDuration } from '../../core/duration.ts'
import { ActiveRule, type RuleDependencies } from './active-rule.ts'
import { Course, type CoursePosition } from './course.ts'

const MOST_BANDS = 1000

interface ActivePhase {
  name: string
  durationMs: number
  /** The same objects in every round, so that they keep their counts. */
  rules: readonly ActiveRule[]
}

/** A running timeline. */
export class ActiveTimeline {
  readonly definition: FaultTimeline
  readonly #phases: readonly ActivePhase[]
  readonly #course: Course
  readonly #startedAtMs: number
  #enteredMs: number | undefined

  constructor(definition: FaultTimeline, dependencies: Omit<RuleDependencies, 'source' | 'rampMs'>) {
    const { phases, loop = false } = definition
    this.definition = definition
    this.#startedAtMs = dependencies.clock.now()
    this.#phases = phases.map(({ name, duration, faults = [], ramp = 0 }) => {
      const own = { ...dependencies, source: 'timeline', rampMs: parseDuration(ramp) } as const
      const rules = rulesOf(faults).map(rule => new ActiveRule(rule, own))
      return { name, durationMs: parseDuration(duration), rules }
    })
    this.#course = new Course(this.#phases, loop)
  }

  /** Returns the rules of the current phase. Their times count from its start. */
  rulesAt(nowMs: number): readonly ActiveRule[] {
    const position = this.#course.at(nowMs - this.#startedAtMs)
    if (position === undefined) return []
    const { rules } = this.#phases[position.index]!
    const enteredMs = this.#startedAtMs + position.startMs
    if (this.#enteredMs !== enteredMs) for (const rule of rules) rule.restart(enteredMs)
    this.#enteredMs = enteredMs
    return rules
  }

  /** Returns the monotonic time at which the current phase ends; infinite if there is none. */
  changesAtMs(nowMs: number): number {
    const position = this.#course.at(nowMs - this.#startedAtMs)
    return position === undefined ? Number.POSITIVE_INFINITY : this.#startedAtMs + position.endMs
  }

  /** Returns the name of the phase at this time; undefined once the timeline is over. */
  phaseAt(nowMs: number): string | undefined {
    const position = this.#course.at(nowMs - this.#startedAtMs)
    return position && this.#phases[position.index]!.name
  }

  forgetCounts(): void {
    for (const { rules } of this.#phases) for (const rule of rules) rule.forgetCounts()
  }

  report(nowMs: number, wallOffsetMs: number): TimelineReport {
    const elapsedMs = nowMs - this.#startedAtMs
    const startedAt = this.#startedAtMs + wallOffsetMs
    const now = this.#course.at(elapsedMs)
    return {
      timeline: this.definition,
      startedAt,
      ...(now && { phase: this.#band(now, startedAt) }),
      bands: this.#course.until(elapsedMs, MOST_BANDS).map(position => this.#band(position, startedAt)),
    }
  }

  #band({ index, round, startMs, endMs }: CoursePosition, startedAt: number): TimelineBand {
    const { name, rules } = this.#phases[index]!
    return { name, index, round, from: startedAt + startMs, to: startedAt + endMs, rules: rules.map(({ id }) => id) }
  }
}

/** Returns the rules of a list that names presets and contains rules. */
export function rulesOf(faults: readonly (string | FaultRule)[]): readonly FaultRule[] {
  return faults.flatMap(fault => (typeof fault === 'string' ? rulesOfPreset(fault) : [fault]))
}
