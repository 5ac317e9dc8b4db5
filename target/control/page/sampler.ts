import type { TargetSnapshot } from '../../../contract/target-page.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Usage } from '../usage.ts'
import { RequestRates } from './request-rates.ts'

export interface SamplerDependencies {
  clock: Clock
  ledger: Ledger
  usage: Usage
  viewers: { readonly size: number }
}

/** Makes snapshots. It exists only while there are viewers, and reads what the target keeps anyway. */
export class Sampler {
  readonly #dependencies: SamplerDependencies
  readonly #rates: RequestRates
  #atMs: number
  #cpuMs: number
  #busyMs: number

  constructor(dependencies: SamplerDependencies) {
    this.#dependencies = dependencies
    this.#rates = new RequestRates(dependencies.ledger)
    const { atMs, cpuMs, eventLoop } = dependencies.usage.read(0)
    this.#atMs = atMs
    this.#cpuMs = cpuMs
    this.#busyMs = eventLoop.busyMs
  }

  take(): TargetSnapshot {
    const { clock, usage, viewers } = this.#dependencies
    const used = usage.read(0)
    const passedMs = Math.max(1, used.atMs - this.#atMs)
    const { memory, streams, sockets } = used
    const snapshot: TargetSnapshot = {
      at: Math.round(clock.wallTime()),
      requests: this.#rates.take(passedMs / 1000),
      process: {
        cpuShare: (used.cpuMs - this.#cpuMs) / passedMs,
        loopShare: (used.eventLoop.busyMs - this.#busyMs) / passedMs,
        rssBytes: memory.rssBytes,
        heapBytes: memory.heapBytes,
        budgetUsedBytes: memory.budgetUsedBytes,
        budgetLimitBytes: memory.budgetLimitBytes,
        connections: Math.max(0, used.connections - viewers.size),
        streams: streams.open,
        sockets: sockets.open,
        viewers: viewers.size,
      },
    }
    this.#atMs = used.atMs
    this.#cpuMs = used.cpuMs
    this.#busyMs = used.eventLoop.busyMs
    return snapshot
  }
}
