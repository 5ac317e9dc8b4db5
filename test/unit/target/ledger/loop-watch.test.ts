import { describe, expect, it } from 'vitest'
import { StallWatch } from '../../../../target/ledger/loop-watch.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

describe('the watch over stalls', () => {
  it('marks requests in progress and waiting to be read, and none that came later', async () => {
    const clock = new FakeClock()
    const watch = new StallWatch(clock)
    expect(watch.hasHeld(clock.now())).toBe(false)
    clock.stall(10)
    const before = clock.now()
    clock.stall(100)
    watch.stalled()
    expect(watch.hasHeld(before)).toBe(true)
    expect(watch.hasHeld(clock.now())).toBe(true)
    await turn()
    expect(watch.watching).toBe(true)
    expect(watch.hasHeld(clock.now())).toBe(true)
    await turn()
    clock.stall(5)
    expect(watch.watching).toBe(false)
    expect(watch.hasHeld(before)).toBe(true)
    expect(watch.hasHeld(clock.now())).toBe(false)
  })

  it('marks the first read of connections that are accepted turn by turn, and no later one', async () => {
    const clock = new FakeClock()
    const watch = new StallWatch(clock)
    const connections = Array.from({ length: 6 }, () => ({}))
    watch.accepted(connections[0]!)
    expect(watch.readsHeld(connections[0]!)).toBe(false)
    watch.stalled()
    await turn()
    for (const [index, connection] of connections.slice(0, 4).entries()) {
      watch.accepted(connection)
      await turn()
      expect(watch.readsHeld(connection)).toBe(true)
      if (index > 0) expect(watch.readsHeld(connections[index - 1]!)).toBe(false)
    }
    await turn()
    expect(watch.watching).toBe(false)
    watch.accepted(connections[5]!)
    expect(connections.map(connection => watch.readsHeld(connection))).toEqual(Array<boolean>(6).fill(false))
  })

  it('looks no further than the backlog can have held', async () => {
    const watch = new StallWatch(new FakeClock())
    watch.stalled()
    let accepted = 0
    for (; watch.watching && accepted < 5000; accepted++) {
      watch.accepted({})
      await turn()
    }
    expect(accepted).toBe(512)
  })

  it('treats consecutive stalls as one', async () => {
    const clock = new FakeClock()
    const watch = new StallWatch(clock)
    watch.stalled()
    await turn()
    watch.stalled()
    await turn()
    expect(watch.hasHeld(clock.now())).toBe(true)
    await turn()
    clock.stall(5)
    expect(watch.hasHeld(0)).toBe(true)
    expect(watch.hasHeld(clock.now())).toBe(false)
  })
})

function turn(): Promise<void> {
  return new Promise(resolve => void setImmediate(resolve))
}
