import type { StreamStats } from '../../../contract/api/streams.ts'
import { headers as headerNames } from '../../../contract/headers.ts'
import { systemClock } from '../../../core/clock.ts'
import type { LagSeries } from '../../metrics/observations.ts'
import type { ConnectionPool } from '../engine/engine.ts'
import type { Network } from '../engine/network.ts'
import { pathOn, type Target } from '../address/target.ts'
import { fetchText } from './fetch-text.ts'
import { sideEngine } from '../engine/engines.ts'

/** Maximum number of streams whose groups are observed. */
const MOST_STREAMS = 16
/** Maximum number of members of a group whose own lag is kept, in order of arrival. The lag of the group includes all members. */
const MOST_MEMBERS = 32
const CONNECTED_WITHIN_MS = 3000
const ANSWER_WITHIN_MS = 5000
const MOST_ANSWER_BYTES = 1024 * 1024

interface FollowedStream {
  name: string
  groups: Set<string>
  headers: Record<string, string>
  /** Credentials that a member last presented. */
  authorization: string | undefined
  asking: boolean
  /** Why the target is not asked again until a member presents other credentials. */
  refused?: string | undefined
}

/**
 * Asks the target once a second for the lag of this run's consumer groups, because only the target knows the events that no client
 * has received yet. To leave the numbers of the run unchanged, the requests have their own run id and connections, and use the
 * token of a member without refreshing it.
 */
export class LagObserver {
  readonly series = new Map<string, LagSeries>()
  readonly #target: Target
  readonly #network: Network | undefined
  readonly #observer: string
  readonly #streams = new Map<string, FollowedStream>()

  /** Created for the first request. */
  #connections: ConnectionPool | undefined

  constructor(runId: string, target: Target, network?: Network) {
    this.#observer = `${runId}~observer`
    this.#target = target
    this.#network = network
  }

  /**
   * Registers a consumer that opens a stream at this path. If it is a member of a group, the lag of its streams is observed from
   * now on. @param authorization value of its header, if it has one
   */
  follow(path: string, tenant: string, authorization: string | undefined): void {
    const url = new URL(`http://target${path}`)
    const group = url.searchParams.get('consumer_group')
    if (group === null) return
    const last = url.pathname.slice(url.pathname.lastIndexOf('/') + 1)
    const names = url.searchParams.get('channels')?.split(',') ?? [last]
    for (const name of names) {
      const key = `${tenant}/${name}`
      const known = this.#streams.get(key)
      if (known !== undefined) {
        known.groups.add(group)
        if (authorization !== known.authorization) known.refused = undefined
        known.authorization = authorization
      } else if (this.#streams.size < MOST_STREAMS) {
        const headers = { [headerNames.run]: this.#observer, [headerNames.tenant]: tenant }
        this.#streams.set(key, { name, groups: new Set([group]), headers, authorization, asking: false })
      }
    }
  }

  /** Why the lag of some groups is unknown; undefined if all are known. */
  get unavailable(): string | undefined {
    return [...this.#streams.values()].find(({ refused }) => refused !== undefined)?.refused
  }

  /** Asks for the lag of all groups. Never rejects. @param second ordinal of the second that ends now. */
  async look(second: number): Promise<void> {
    await Promise.all([...this.#streams].map(([key, stream]) => this.#ask(key, stream, second)))
  }

  async close(): Promise<void> {
    await this.#connections?.destroy()
  }

  async #ask(key: string, stream: FollowedStream, second: number): Promise<void> {
    if (stream.asking || stream.refused !== undefined) return
    stream.asking = true
    const pool = (this.#connections ??= this.#createPool())
    try {
      const { authorization } = stream
      const request = {
        method: 'GET',
        path: pathOn(this.#target, `/v1/streams/${encodeURIComponent(stream.name)}/stats`),
        headers: { ...stream.headers, ...(authorization !== undefined && { authorization }) },
        body: null,
        silenceMs: ANSWER_WITHIN_MS,
      }
      const { status, text } = await fetchText(listener => pool.send(request, listener), {
        mostBytes: MOST_ANSWER_BYTES,
      })
      const stats = status === 200 ? (JSON.parse(text) as Partial<StreamStats>) : undefined
      if (Array.isArray(stats?.groups)) this.#keep(key, stream, stats.groups, second)
      else if (status < 500) stream.refused = `the target does not say (it answered ${status})`
    } catch {
      // If the target is down for a moment, the series has a gap.
    } finally {
      stream.asking = false
    }
  }

  #createPool(): ConnectionPool {
    const engine = sideEngine({ clock: systemClock, withinMs: CONNECTED_WITHIN_MS, network: this.#network })
    return engine.pool(this.#target.origin)
  }

  #keep(key: string, { name, groups }: FollowedStream, stats: StreamStats['groups'], second: number): void {
    for (const { group, lag, members } of stats) {
      if (!groups.has(group)) continue
      let series = this.series.get(`${key}/${group}`)
      if (series === undefined) {
        series = { stream: name, group, lag: [], members: new Map(), incomplete: false }
        this.series.set(`${key}/${group}`, series)
      }
      series.lag[second] = lag
      for (const { key, partitions, lag } of members) {
        let member = series.members.get(key)
        if (member === undefined) {
          if (series.members.size >= MOST_MEMBERS) {
            series.incomplete = true
            continue
          }
          series.members.set(key, (member = { partitions: [], lag: [] }))
        }
        member.partitions = partitions
        member.lag[second] = lag
      }
    }
  }
}
