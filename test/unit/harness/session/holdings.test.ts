import { describe, expect, it } from 'vitest'
import { type Holding, Holdings } from '../../../../harness/session/holdings.ts'
import { VirtualUser } from '../../../../harness/user/virtual-user.ts'
import { fakeFloor } from '../../../support/fake-floor.ts'

class Door implements Holding {
  isOpen = true
  release(): Promise<void> {
    this.isOpen = false
    return Promise.resolve()
  }
}

describe('Holdings', () => {
  it('release sockets that are not kept, and all of them at the end', async () => {
    const holdings = new Holdings()
    const [kept, own, closed] = [new Door(), new Door(), new Door()]
    expect(holdings.releaseAll()).toBeUndefined()
    holdings.add(kept)
    holdings.keep()
    expect(holdings.releaseUnkept()).toBeUndefined()
    holdings.add(own)
    holdings.add(closed)
    holdings.delete(closed)
    await holdings.releaseUnkept()
    expect({ kept, own, closed }).toMatchObject({
      kept: { isOpen: true },
      own: { isOpen: false },
      closed: { isOpen: true },
    })
    expect(holdings.releaseUnkept()).toBeUndefined()
    await holdings.releaseAll()
    expect(kept.isOpen).toBe(false)
    expect(holdings.releaseAll()).toBeUndefined()
  })
})

describe('a virtual user', () => {
  /** Opens sockets wherever a scenario can, and records whether they are open later. */
  function scenario() {
    const doors: Record<string, Door> = {}
    const open: Record<string, string[]> = {}
    let failing = 0
    const look = (when: string) => (open[when] = Object.keys(doors).filter(name => doors[name]!.isOpen))
    const floor = fakeFloor([
      {
        behaviour: {
          begin() {
            look('begin')
            hold(failing === 1 ? 'failed' : 'begin')
            if (failing-- > 0) throw new Error('no')
          },
          iterate() {
            look('iterate')
            hold('iterate')
          },
          end() {
            look('end')
            hold('end')
          },
        },
      },
    ])
    const hold = (name: string) => floor.sessions[0]!.holdings.add((doors[name] = new Door()))
    const user = floor.execution.users.make(floor.execution.users.kinds().next().value)
    return { ...floor, user, doors, open, look, fail: () => (failing = 1) }
  }

  it('keeps sockets opened by begin until its end, and others until the end of the iteration', async () => {
    const { user, open, look } = scenario()
    expect(user).toBeInstanceOf(VirtualUser)
    await user.begin()
    await user.iterate()
    look('later')
    await user.iterate()
    await user.end()
    look('over')
    expect(open).toEqual({ begin: [], iterate: ['begin'], later: ['begin'], end: ['begin'], over: [] })
  })

  it('keeps nothing of a begin that failed', async () => {
    const { user, open, look, fail } = scenario()
    fail()
    expect(await user.begin()).toBe(false)
    look('later')
    expect(await user.begin()).toBe(true)
    look('now')
    expect(open).toMatchObject({ later: [], now: ['begin'] })
  })

  it('that was cut off, or never began, releases all the same', async () => {
    const { user, open, look } = scenario()
    await user.begin()
    user.interrupt()
    await user.end()
    look('over')
    expect(open['over']).toEqual([])
    expect(open).not.toHaveProperty('end')
  })
})
