import type { FaultsReport, TimelineReport } from '../../contract/faults/report.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import type { Problem } from '../../contract/problem.ts'
import type { FaultBand } from '../results/run-result.ts'
import type { Clock } from '../../core/clock.ts'
import { parseDuration } from '../../core/duration.ts'
import { type ControlPlane, ControlPlaneError, parseAnswer } from '../control/control-plane.ts'
import { Phases } from '../metrics/phases.ts'
import { type FaultsPlan, inOrderOfRemoval } from '../plan/faults-plan.ts'
import type { Ending } from './ending.ts'
import type { Gathered } from './gathered.ts'

const INTENT = 'The scenario sets faults'

/** Faults of a run. They are set when it begins, and removed when it ends for any reason. */
export class RunFaults {
  readonly #plan: FaultsPlan | undefined
  readonly #control: ControlPlane
  readonly #clock: Clock
  /** Time when the rules were set, in monotonic ms. */
  #setAtMs: number | undefined
  /** Time when the target began the timeline, in monotonic ms, as accurate as a round trip allows. */
  #timelineAtMs: number | undefined
  #leftToClear = false

  constructor(plan: FaultsPlan | undefined, control: ControlPlane, clock: Clock) {
    this.#plan = plan
    this.#control = control
    this.#clock = clock
  }

  /** Returns why the faults cannot be set; undefined if they can, or if there are none. */
  async validateFaults(): Promise<string | undefined> {
    if (this.#plan === undefined) return undefined
    try {
      const { status, text } = await this.#control.ask('GET', '/faults')
      const known = parseAnswer<FaultsReport>(text, isFaultsReport)
      if (status !== 200 || known === undefined) {
        return `${INTENT}, which needs a Loadcell target; this one cannot set faults (answered ${status}).`
      }
      const { phase } = await this.#timeline()
      const own = [...known.rules.map(({ rule }) => rule.id), ...(phase ? [`the timeline at ${phase.name}`] : [])]
      if (own.length === 0) return undefined
      const some = own.length > 3 ? `${own.slice(0, 3).join(', ')} and ${own.length - 3} more` : own.join(', ')
      return `${INTENT}, but the target already has faults (${some}) that would add to them. Remove these with \`loadcell faults clear\`.`
    } catch (error) {
      if (error instanceof ControlPlaneError) return `${INTENT}, but ${error.message}.`
      throw error
    }
  }

  /**
   * Returns the phases of the timeline, once it is under way.
   * @param origin monotonic time that their times count from
   */
  phases(origin = 0): Phases | undefined {
    const timeline = this.#plan?.timeline
    if (timeline === undefined || this.#timelineAtMs === undefined) return undefined
    return new Phases(timeline.phases, this.#timelineAtMs - origin)
  }

  /** Returns when the timeline began, as an offset from this monotonic time; undefined without one. */
  phasesBeganAt(origin: number): number | undefined {
    return this.#timelineAtMs === undefined ? undefined : this.#timelineAtMs - origin
  }

  /** Sets the faults. The run ends if the target refuses one. */
  async set(ending: Ending): Promise<void> {
    if (this.#plan === undefined) return
    const { rules, timeline } = this.#plan
    this.#leftToClear = true
    try {
      // An equal rule that an earlier run left would keep its time and counts.
      await this.#change('DELETE', '/timeline')
      this.#setAtMs = this.#clock.now()
      if (rules.length > 0) this.#setAtMs = await this.#changedAtMs('/faults', { rules })
      if (timeline !== undefined) this.#timelineAtMs = await this.#changedAtMs('/timeline', timeline)
    } catch (error) {
      if (!(error instanceof ControlPlaneError)) throw error
      ending.fail('The faults of the run could not be set', error)
    }
  }

  /** Removes the faults. @returns when they were active. */
  async remove(gathered: Gathered, durationMs: number): Promise<FaultBand[]> {
    const setAtMs = this.#setAtMs
    if (this.#plan === undefined || setAtMs === undefined) return []
    const ofRules = this.#plan.rules
      .flatMap(rule => bandsOfRule(rule, durationMs))
      .map(band => shifted(band, setAtMs - gathered.startedAt))
    const ofTimeline = await this.#bandsOfTimeline(gathered.startedAt).catch((error: unknown) => {
      if (!(error instanceof ControlPlaneError)) throw error
      gathered.fail({ reason: 'other', name: 'faults', example: `their timeline is unknown: ${error.message}` })
      return []
    })
    const left = await this.clear()
    if (left !== undefined) {
      const example = `could not be removed; they end by themselves: ${left}`
      gathered.fail({ reason: 'other', name: 'faults', example })
    }
    return [...ofRules, ...ofTimeline]
      .map(band => ({ ...band, fromMs: Math.max(0, band.fromMs), toMs: Math.min(durationMs, band.toMs) }))
      .filter(({ fromMs, toMs }) => fromMs < toMs)
      .sort((a, b) => a.fromMs - b.fromMs)
  }

  /** Removes the faults that were set, and no others. @returns why it failed */
  async clear(): Promise<string | undefined> {
    if (this.#plan === undefined || !this.#leftToClear) return undefined
    this.#leftToClear = false
    const { rules, timeline } = this.#plan
    try {
      if (timeline !== undefined) await this.#change('DELETE', '/timeline')
      for (const { id } of inOrderOfRemoval(rules)) {
        const { status, text } = await this.#control.ask('DELETE', `/faults/${id}`)
        // Some rules end before the run.
        if (status !== 404) expectDone(status, text)
      }
      return undefined
    } catch (error) {
      if (error instanceof ControlPlaneError) return error.message
      throw error
    }
  }

  /** Returns the times relative to the start of the timeline, because the clock of the target may differ from ours. */
  async #bandsOfTimeline(runStartedAtMs: number): Promise<FaultBand[]> {
    const timelineAtMs = this.#timelineAtMs
    if (timelineAtMs === undefined) return []
    const { startedAt = 0, bands } = await this.#timeline()
    return bands.map(({ name, from, to, rules }) =>
      shifted({ name, fromMs: from - startedAt, toMs: to - startedAt, rules }, timelineAtMs - runStartedAtMs),
    )
  }

  async #timeline(): Promise<TimelineReport> {
    const { status, text } = await this.#control.ask('GET', '/timeline')
    const report = parseAnswer<TimelineReport>(text, isTimelineReport)
    if (status === 200 && report !== undefined) return report
    throw new ControlPlaneError(`the target’s control plane answered ${status} to a request for its timeline`)
  }

  /** @returns when the target made the change: halfway between request and answer */
  async #changedAtMs(path: string, body: object): Promise<number> {
    const askedAtMs = this.#clock.now()
    await this.#change('PUT', path, body)
    return (askedAtMs + this.#clock.now()) / 2
  }

  async #change(method: 'PUT' | 'DELETE', path: string, body?: object): Promise<void> {
    const { status, text } = await this.#control.ask(method, path, body)
    expectDone(status, text)
  }
}

function isFaultsReport({ rules }: Partial<FaultsReport>): boolean {
  return (
    Array.isArray(rules) && rules.every(entry => typeof (entry as Partial<typeof entry> | null)?.rule?.id === 'string')
  )
}

function isTimelineReport({ bands, startedAt = 0 }: Partial<TimelineReport>): boolean {
  const isBand = (band: Partial<TimelineReport['bands'][number]> | null) =>
    typeof band?.name === 'string' &&
    Number.isFinite(band.from) &&
    Number.isFinite(band.to) &&
    Array.isArray(band.rules)
  return Array.isArray(bands) && bands.every(isBand) && Number.isFinite(startedAt)
}

/** @throws ControlPlaneError with the target's reason. */
function expectDone(status: number, text: string): void {
  if (status < 300) return
  const { detail = text } = parseAnswer<Problem>(text, problem => typeof problem.detail === 'string') ?? {}
  throw new ControlPlaneError(`the target’s control plane answered ${status}: ${detail}`)
}

function shifted(band: FaultBand, byMs: number): FaultBand {
  return { ...band, fromMs: band.fromMs + byMs, toMs: band.toMs + byMs }
}

/** Returns the times at which a rule with windows or a ttl acts, from when it was set. */
function bandsOfRule({ id, window, ttl }: FaultRule, durationMs: number): FaultBand[] {
  const endMs = ttl === undefined ? Number.POSITIVE_INFINITY : parseDuration(ttl)
  if (window === undefined && endMs >= durationMs) return []
  const windows = window === undefined ? [{ from: 0, to: endMs }] : [window].flat()
  return windows.map(({ from, to }) => ({
    name: id,
    fromMs: parseDuration(from),
    toMs: Math.min(parseDuration(to), endMs),
    rules: [id],
  }))
}
