import { describe, expect, it } from 'vitest'
import { RunSeconds } from '../../../../pages/run/run-seconds.ts'
import type { RunFeedMessage, RunFeedSecond } from '../../../../pages/run-feed.ts'

function message(isWhole: boolean, seen: number[], truth: RunFeedMessage['truth'] = []): RunFeedMessage {
  const seconds = seen.map(second => ({ second, requests: 10 * second }) as RunFeedSecond)
  return { isWhole, state: {} as RunFeedMessage['state'], seconds, truth }
}

describe('the seconds of a run at its page', () => {
  it('join what the clients saw with what the target says later, in parts', () => {
    const seconds = new RunSeconds()
    seconds.add(message(true, [0, 1]))
    seconds.add(message(false, [2], [{ second: 1, arrivals: 9 }]))
    seconds.add(message(false, [], [{ second: 1, cpuCores: 0.5 }]))
    expect(seconds.list()).toEqual([
      { second: 0, seen: { second: 0, requests: 0 } },
      { second: 1, seen: { second: 1, requests: 10 }, truth: { second: 1, arrivals: 9, cpuCores: 0.5 } },
      { second: 2, seen: { second: 2, requests: 20 } },
    ])
  })

  it('begin anew with a whole message, and are never more than ten minutes', () => {
    const seconds = new RunSeconds()
    seconds.add(message(true, [0, 1, 2]))
    seconds.add(message(true, [5]))
    expect(seconds.list().map(({ second }) => second)).toEqual([5])
    for (let second = 6; second < 2000; second++) seconds.add(message(false, [second]))
    expect(seconds.list().map(({ second }) => second)).toEqual(Array.from({ length: 600 }, (_, at) => 1400 + at))
  })
})
