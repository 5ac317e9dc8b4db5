import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MOST_RESPONSES } from '../../../../harness/run-page/event-responses.ts'
import { RunViewers } from '../../../../harness/run-page/run-viewers.ts'
import type { RunFeedMessage } from '../../../../pages/run-feed.ts'

/** A browser that reads, or does not. */
class Browser extends EventEmitter {
  readonly received: string[] = []
  writableNeedDrain = false
  writeHead() {}
  end() {}

  write(text: string) {
    this.received.push(text.includes('"isWhole":true') ? 'whole' : text.startsWith(':') ? 'beat' : 'news')
  }

  get response(): ServerResponse {
    return this as unknown as ServerResponse
  }
}

function viewers() {
  let made = 0
  const all = new RunViewers(isWhole => {
    made += 1
    return { isWhole } as RunFeedMessage
  })
  onTestFinished(() => all.close())
  return { all, made: () => made }
}

describe('the viewers of a run', () => {
  it('get all that is known at first, and then one message that is made for all of them', () => {
    const { all, made } = viewers()
    const [one, other] = [new Browser(), new Browser()]
    all.send()
    expect(made()).toBe(0)
    all.add(one.response)
    all.add(other.response)
    all.send()
    expect({ one: one.received, other: other.received, made: made() }).toEqual({
      one: ['whole', 'news'],
      other: ['whole', 'news'],
      made: 3,
    })
  })

  it('skip messages while they are slow, and get all that is known afterwards', () => {
    const { all } = viewers()
    const slow = new Browser()
    all.add(slow.response)
    slow.writableNeedDrain = true
    for (let second = 0; second < 100; second++) all.send()
    slow.writableNeedDrain = false
    all.send()
    all.send()
    expect(slow.received).toEqual(['whole', 'whole', 'news'])
  })

  it('are bounded, and their places are free again once they have left', async () => {
    const { all } = viewers()
    const browsers = Array.from({ length: MOST_RESPONSES }, () => new Browser())
    for (const { response } of browsers) expect(all.add(response)).toBe(true)
    expect(all.add(new Browser().response)).toBe(false)
    browsers[0]!.emit('close')
    expect(all.add(new Browser().response)).toBe(true)
    expect(all.count).toBe(MOST_RESPONSES)
  })

  it('are gone once the last one has left', async () => {
    const { all } = viewers()
    await all.gone()
    const [one, other] = [new Browser(), new Browser()]
    all.add(one.response)
    all.add(other.response)
    let isOver = false
    const gone = all.gone().then(() => (isOver = true))
    one.emit('close')
    await Promise.resolve()
    expect(isOver).toBe(false)
    other.emit('close')
    expect(await gone).toBe(true)
  })
})
