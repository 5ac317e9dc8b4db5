import { describe, expect, it } from 'vitest'
import { eventText, MOST_VIEWERS, Viewers } from '../../../../../target/control/page/viewers.ts'
import { Lifecycle } from '../../../../../target/lifecycle/lifecycle.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'

function setUp(text = 'x') {
  const clock = new FakeClock()
  const lifecycle = new Lifecycle()
  const calls: string[] = []
  let made = 0
  const viewers = new Viewers({
    clock,
    lifecycle,
    periodMs: 500,
    begin: () => calls.push('begin'),
    message: () => {
      calls.push('message')
      return `${text}${++made};`
    },
    catchUp: () => 'caught up;',
    end: () => calls.push('end'),
  })
  return { clock, lifecycle, calls, viewers }
}

describe('viewers', () => {
  it('cost nothing while there are none', async () => {
    const { clock, calls, viewers } = setUp()
    await clock.advance(5000)
    expect(calls).toEqual([])
    const viewer = viewers.admit('hello;')
    viewer.resume()
    await clock.advance(1000)
    viewer.destroy()
    await clock.advance(5000)
    expect(calls).toEqual(['begin', 'message', 'message', 'end'])
    expect(viewers.size).toBe(0)
  })

  it('all get the same message, which is made once', async () => {
    const { clock, calls, viewers } = setUp()
    const received = ['', '']
    for (const at of [0, 1]) viewers.admit('hello;').on('data', (chunk: Buffer) => (received[at] += chunk.toString()))
    await clock.advance(1000)
    expect(received).toEqual(['hello;x1;x2;', 'hello;x1;x2;'])
    expect(calls).toEqual(['begin', 'message', 'message'])
  })

  it('skip messages while they do not read, hold one at most, and are told what they missed', async () => {
    const { clock, viewers } = setUp('y'.repeat(40_000))
    const viewer = viewers.admit('hello;')
    await clock.advance(10_000)
    expect(viewer.readableLength).toBeLessThan(50_000)
    let received = ''
    viewer.on('data', (chunk: Buffer) => (received += chunk.toString().replaceAll('y', '')))
    await clock.advance(0)
    const before = received
    await clock.advance(1000)
    expect(before.match(/;/g)?.length).toBeLessThan(3)
    expect(received.slice(before.length)).toBe('caught up;21;22;')
  })

  it('are admitted up to a limit', () => {
    const { viewers } = setUp()
    for (let at = 0; at < MOST_VIEWERS; at++) viewers.admit('hello;')
    expect(() => viewers.admit('hello;')).toThrow('16 viewers follow the page already')
  })

  it('end with the target', async () => {
    const { clock, lifecycle, viewers } = setUp()
    let hasEnded = false
    viewers
      .admit('hello;')
      .on('end', () => (hasEnded = true))
      .resume()
    lifecycle.run('stop')
    await clock.advance(0)
    expect(hasEnded).toBe(true)
  })
})

describe('eventText', () => {
  it('is one event with JSON in one line', () => {
    expect(eventText('snapshot', { text: 'a\nb' })).toBe('event: snapshot\ndata: {"text":"a\\nb"}\n\n')
  })
})
