import type { JetStreamManager } from '@nats-io/jetstream'
import { systemClock } from '../../../core/clock.ts'
import { type BundleStore, ClusterUnavailable, type StoredBundle } from '../message-bus.ts'
import type { NatsBus } from './nats-bus.ts'
import { storageFailure } from './nats-failures.ts'

/** A coordinator that dies leaves its bundle behind. */
const KEPT_MS = 60 * 60 * 1000
const NANOS_PER_MS = 1e6
const ANSWERS_WITHIN_MS = 5000
/** JetStream counts the subject and the head of each message as well. */
const BYTES_PER_PART = 1024
const ATTEMPTS = 4
const PAUSE_MS = 1000
const reading = { attempts: ATTEMPTS, timeout: ANSWERS_WITHIN_MS }
/** Limits on removing a bundle. It expires anyway, so nothing waits long for it. */
const removing = { attempts: 2, timeout: 1500 }

/** Keeps bundles in JetStream, each in a stream of its own, a part in each message. */
export class JetstreamStore implements BundleStore {
  readonly #bus: NatsBus
  readonly #prefix: string

  /** @param prefix subject that the subjects of all parts begin with */
  constructor(bus: NatsBus, prefix: string) {
    this.#bus = bus
    this.#prefix = prefix
  }

  async put(name: string, bytes: Uint8Array): Promise<StoredBundle> {
    const { connection, packages, mostBytes, place } = this.#bus
    const parts: Uint8Array[] = []
    for (let from = 0; from === 0 || from < bytes.length; from += mostBytes)
      parts.push(bytes.subarray(from, from + mostBytes))
    const stored = { name, parts: parts.length, bytes: bytes.length }
    const subject = `${this.#prefix}.${name}`
    let isMade = false
    try {
      const manager = await packages.jetstreamManager(connection, { timeout: ANSWERS_WITHIN_MS })
      await manager.streams.add({
        name,
        subjects: [`${subject}.*`],
        max_age: KEPT_MS * NANOS_PER_MS,
        max_bytes: bytes.length + parts.length * BYTES_PER_PART,
        discard: 'new',
      })
      isMade = true
      const client = packages.jetstream(connection, { timeout: ANSWERS_WITHIN_MS })
      for (const [index, part] of parts.entries()) {
        // The id lets JetStream drop a part that is sent twice.
        await client.publish(`${subject}.${index}`, part, { msgID: `${name}-${index}`, retries: ATTEMPTS })
      }
      return stored
    } catch (error) {
      if (isMade) await this.remove(stored)
      throw storageFailure(error as Error, place, packages)
    }
  }

  async get({ name, parts, bytes }: StoredBundle): Promise<Uint8Array> {
    const read: Uint8Array[] = []
    for (let index = 0; index < parts; index += 1) read.push(await this.#part(name, index))
    const all = Buffer.concat(read)
    if (all.length === bytes) return all
    throw new ClusterUnavailable(
      `the bundle of the scenario has ${all.length} bytes, and should have ${bytes}`,
      'Start the run again.',
    )
  }

  async remove({ name }: StoredBundle): Promise<void> {
    try {
      await this.#patiently(manager => manager.streams.delete(name), removing)
    } catch {
      // It ends by its age.
    }
  }

  async #part(name: string, index: number): Promise<Uint8Array> {
    try {
      const message = await this.#patiently(manager => manager.streams.getMessage(name, { seq: index + 1 }))
      if (message !== null) return message.data
    } catch (error) {
      throw storageFailure(error as Error, this.#bus.place, this.#bus.packages)
    }
    throw new ClusterUnavailable(
      `part ${index + 1} of the scenario's bundle is not in JetStream any more`,
      'Start the run again.',
    )
  }

  /** Asks again while NATS starts again. */
  async #patiently<T>(ask: (manager: JetStreamManager) => Promise<T>, { attempts, timeout } = reading): Promise<T> {
    const { connection, packages } = this.#bus
    for (let attempt = 1; ; attempt += 1) {
      try {
        const options = { timeout, checkAPI: false }
        return await ask(await packages.jetstreamManager(connection, options))
      } catch (error) {
        // What JetStream itself refuses does not change.
        if (attempt === attempts || error instanceof packages.JetStreamApiError) throw error
        await systemClock.sleep(PAUSE_MS)
      }
    }
  }
}
