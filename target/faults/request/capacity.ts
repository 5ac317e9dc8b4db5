import { isDeepStrictEqual } from 'node:util'
import type { FaultOf } from '../../../contract/faults/fault.ts'
import type { CapacityReport, StationReport } from '../../../contract/faults/station-report.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Random } from '../../../core/random.ts'
import type { ActiveRule } from '../active-rule.ts'
import type { DelayQueue } from '../../../core/delay-queue.ts'
import type { Faults } from '../faults.ts'
import type { Injection } from '../injection.ts'
import type { InjectedEnding, FaultedExchange, RequestFault, Stations } from './faulted-exchange.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { settingsOf, type StationSettings } from '../../capacity/station-settings.ts'
import { Station } from '../../capacity/station.ts'
import { theoryOf } from '../../capacity/theory.ts'

export interface CapacityStationsDependencies {
  faults: Pick<Faults, 'onChange'>
  clock: Clock
  delays: DelayQueue
  random: Random
  lifecycle: Lifecycle
}

export const capacity: RequestFault<'capacity'> = {
  queue: (injection, faulted) => faulted.dependencies.stations.enter(injection, faulted),
}

/** A station and the rules that share it by name. */
interface Shared {
  station: Station
  /** The fault with the settings of the station, from the one rule that has them. */
  definition: FaultOf<'capacity'>
  rules: string[]
}

/** The stations of the rules in force. A station and its visitors stay for as long as a rule names it. */
export class CapacityStations implements Stations {
  readonly #dependencies: CapacityStationsDependencies
  #stations: ReadonlyMap<string, Shared> = new Map()

  constructor(dependencies: CapacityStationsDependencies) {
    this.#dependencies = dependencies
    dependencies.faults.onChange(rules => this.#define(rules))
    dependencies.lifecycle.onReset('ledger', () => this.forgetCounts())
    dependencies.lifecycle.on('close', () => this.close())
  }

  enter(injection: Injection<'capacity'>, faulted: FaultedExchange): Promise<InjectedEnding | undefined> {
    const name = nameOf(injection.rule.id, injection.fault)
    const station = this.#stations.get(name)?.station
    // The rules changed after the decision.
    if (station === undefined) return Promise.resolve(undefined)
    const { clock } = this.#dependencies
    const { exchange } = faulted
    const account = exchange.account.stations
    const enteredAt = clock.now()
    account.arrived(name)
    return new Promise(resolve => {
      let isGone = false
      const leave = (queuedMs: number, servedMs: number, ending?: InjectedEnding) => {
        faulted.queuedMs += queuedMs
        faulted.servedMs += servedMs
        if (!isGone) exchange.onGone = undefined
        resolve(ending)
      }
      const pass = (queuedMs: number, servedMs: number) => {
        exchange.visited(queuedMs, servedMs)
        leave(queuedMs, servedMs)
      }
      const turnAway = (how: 'turnedAway' | 'timedOut', queuedMs: number) => {
        account.lost(name, how)
        faulted.isAnswered = true
        leave(queuedMs, 0, endingOf(name, station.settings, how))
      }
      const visit = station.enter({
        drawMs: service => injection.drawMs(0, service),
        served(waitMs, serviceMs) {
          account.served(name, waitMs, serviceMs)
          if (isGone) return
          injection.delayed(waitMs + serviceMs, clock.now() - enteredAt)
          pass(waitMs, serviceMs)
        },
        timedOut() {
          const queuedMs = clock.now() - enteredAt
          exchange.visited(queuedMs)
          turnAway('timedOut', queuedMs)
        },
        released(waitedMs, servedMs) {
          account.lost(name, 'released')
          if (!isGone) pass(waitedMs, servedMs)
        },
      })
      if (visit === undefined) return turnAway('turnedAway', 0)
      const abandon = () => {
        exchange.onGone = undefined
        isGone = true
        // Resolves first: an outcome that `leave` brings about no longer matters to this exchange.
        resolve('gone')
        if (station.leave(visit)) account.lost(name, 'abandoned')
      }
      exchange.onGone = abandon
    })
  }

  /** Returns each station by name with its counts up to date. */
  states(): [name: string, station: Station][] {
    return Array.from(this.#stations, ([name, { station }]) => {
      station.settle()
      return [name, station]
    })
  }

  /** Resets the counts of all stations. Present visitors stay. */
  forgetCounts(): void {
    for (const { station } of this.#stations.values()) station.forgetCounts()
  }

  report(): CapacityReport {
    return { stations: Array.from(this.#stations, ([name, shared]) => reportOf(name, shared)) }
  }

  /** Releases all visitors at once. */
  close(): void {
    for (const { station } of this.#stations.values()) station.close()
  }

  #define(rules: readonly ActiveRule[]): void {
    const before = this.#stations
    const after = new Map<string, Shared>()
    for (const { fault, id } of rules) {
      const settings = fault.type === 'capacity' ? settingsOf(fault) : undefined
      if (fault.type !== 'capacity' || settings === undefined) continue
      const name = nameOf(id, fault)
      after.set(name, { station: this.#stationOf(name, fault, settings), definition: fault, rules: [] })
    }
    for (const { fault, id } of rules) {
      if (fault.type === 'capacity') after.get(nameOf(id, fault))?.rules.push(id)
    }
    this.#stations = after
    for (const [name, { station }] of before) if (!after.has(name)) station.close()
  }

  #stationOf(name: string, definition: FaultOf<'capacity'>, settings: StationSettings): Station {
    const known = this.#stations.get(name)
    if (known === undefined) {
      const { clock, delays, random } = this.#dependencies
      return new Station(settings, { clock, delays, random: random.fork('stations', name) })
    }
    if (!isDeepStrictEqual(known.definition, definition)) known.station.change(settings)
    return known.station
  }
}

function nameOf(ruleId: string, { station = ruleId }: FaultOf<'capacity'>): string {
  return station
}

function endingOf(name: string, settings: StationSettings, how: 'turnedAway' | 'timedOut'): InjectedEnding {
  const { onFull, servers, service, queueLimit, timeoutMs } = settings
  if (onFull !== 'status') return onFull
  const why =
    how === 'timedOut'
      ? `no server came free within ${timeoutMs} ms`
      : `its servers (${servers}) are busy, and as many wait as may (${queueLimit})`
  // Expected time until a place becomes free.
  const retryAfter = Math.max(1, Math.ceil(service.meanMs / servers / 1000))
  return new ProblemError('capacity_exceeded', `station ${name}: ${why}`, {
    headers: { 'retry-after': String(retryAfter) },
  })
}

function reportOf(name: string, { station, rules }: Shared): StationReport {
  station.settle()
  const { book, settings, busy, queued } = station
  const { servers, service, queueLimit, discipline, timeoutMs, onFull } = settings
  return {
    name,
    rules,
    servers,
    serviceMeanMs: service.meanMs,
    queueLimit,
    discipline,
    ...(timeoutMs < Number.POSITIVE_INFINITY && { timeoutMs }),
    onFull,
    busy,
    queued,
    ...book.report(),
    ...(service.meanMs > 0 && { kneePerSecond: (servers / service.meanMs) * 1000 }),
    theory: theoryOf(settings, book.arrivals),
  }
}
