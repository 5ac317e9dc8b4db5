import { expect, it } from 'vitest'
import { random, randomInteger } from '../../core/random.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { LiveSettings } from '../../target/configuration/settings.ts'
import { Notifications } from '../../target/domain/notifications/notifications.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { plenty } from '../support/memory.ts'

const USERS = 40
const STEP_MS = 20
const PATIENCE_MS = 10_000

/** A client like those in published scripts: it sends one frame or none, reads one frame, and pauses for 1…10 s. */
class NaiveClient {
  heardAt = 0
  /** Frames that it has not read yet. */
  unread = 0
  read = 0
  failures = 0
  readonly #clock: FakeClock
  readonly #chance: ReturnType<typeof random>
  readonly #mayPing: boolean
  #actsAt = 0
  #givesUpAt: number | undefined

  constructor(clock: FakeClock, ordinal: number) {
    this.#clock = clock
    this.#chance = random(ordinal)
    // Half of the clients never send anything again.
    this.#mayPing = ordinal % 2 === 0
  }

  push(): void {
    this.unread += 1
  }

  /** It has sent a frame and received the answer. */
  speak(): void {
    this.heardAt = this.#clock.now()
    this.unread += 1
  }

  step(): void {
    const now = this.#clock.now()
    if (this.#givesUpAt === undefined) {
      if (now < this.#actsAt) return
      if (this.read > 1 && this.#mayPing && randomInteger(this.#chance, 2) === 0) this.speak()
      this.#givesUpAt = now + PATIENCE_MS
    }
    if (this.unread > 0) {
      this.unread -= 1
      this.read += 1
    } else if (now >= this.#givesUpAt) this.failures += 1
    else return
    this.#givesUpAt = undefined
    // It waits for the first push right after the answer to its subscription.
    this.#actsAt = this.read === 1 ? now : now + 1000 + randomInteger(this.#chance, 9000)
  }
}

it('never makes a client that reads one frame at a time wait for 10 s, with default settings', async () => {
  const clock = new FakeClock()
  const settings = new LiveSettings(loadConfiguration({ env: {}, flags: {} }))
  const notifications = new Notifications({
    settings,
    clock,
    random: random(1),
    memory: plenty(),
    encode: push => push,
  })
  const clients = Array.from({ length: USERS }, (_, n) => {
    const client = new NaiveClient(clock, n)
    client.speak()
    notifications.follow(notifications.addFollower('public', client), [`account.${n}.orders`, 'account.all.billing'])
    return client
  })
  for (let at = 0; at < 60_000; at += STEP_MS) {
    await clock.advance(STEP_MS)
    for (const client of clients) client.step()
  }
  expect(clients.map(({ failures }) => failures)).toEqual(clients.map(() => 0))
  expect(Math.min(...clients.map(({ read }) => read))).toBeGreaterThan(3)
})
