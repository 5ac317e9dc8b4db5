import { describe, expect, it } from 'vitest'
import type { BatchSettings } from '../../../../../target/gateways/llm/batch-model.ts'
import { type BatchJob, BatchServer } from '../../../../../target/gateways/llm/batch-server.ts'
import { SimulatedTime } from '../../../../support/simulated-time.ts'

const settings: BatchSettings = {
  prefillMsPerToken: 1,
  stepBaseMs: 10,
  stepMsPerSequence: 0,
  stepTokens: 100,
  maxBatch: 2,
  kvTokens: 1000,
  queue: 1,
}

function started(overrides: Partial<BatchSettings> = {}) {
  const time = new SimulatedTime()
  const live = { current: { ...settings, ...overrides } }
  const server = new BatchServer({ settings: live, clock: time, delays: time })
  const log: string[] = []
  const submit = (name: string, tokens: number, promptTokens = 5) =>
    server.submit(
      { promptTokens, outputTokens: [tokens], reservedTokens: promptTokens + tokens },
      {
        token: (_sequence, ordinal) => log.push(`${name}${ordinal} at ${time.now()}`),
        ended: () => log.push(`${name} ended`),
      },
    )
  return { time, live, server, log, submit }
}

describe('BatchServer', () => {
  it('gives tokens at the times of the model, and says when a request has all of them', () => {
    const { time, log, submit } = started()
    submit('a', 2)
    time.runUntil(20)
    submit('b', 1)
    time.runOut()
    expect(log).toEqual(['a0 at 15', 'a1 at 25', 'a ended', 'b0 at 40', 'b ended'])
  })

  it('is idle in between, and begins when the next request comes', () => {
    const { time, log, submit } = started()
    submit('a', 1)
    time.runUntil(100)
    submit('b', 1)
    time.runOut()
    expect(log).toEqual(['a0 at 15', 'a ended', 'b0 at 115', 'b ended'])
  })

  it('catches up after a stall: each later token comes when it would have come without it', () => {
    const { time, log, submit } = started()
    submit('a', 5)
    time.runUntil(16)
    time.stall(14)
    time.runOut()
    expect(log).toEqual(['a0 at 15', 'a1 at 30', 'a2 at 35', 'a3 at 45', 'a4 at 55', 'a ended'])
  })

  it('takes as many requests as have a place or may wait, and frees the place of one that is removed', () => {
    const { time, server, log, submit } = started()
    const [first] = [submit('a', 9), submit('b', 9), submit('c', 9)]
    expect(submit('d', 9)).toBe('full')
    expect(submit('e', 1, 2000)).toBe('too_large')
    time.runUntil(16)
    expect([server.sequences, server.queued]).toEqual([2, 1])
    server.remove(first as BatchJob)
    time.runOut()
    expect(log.filter(line => line.endsWith('ended'))).toEqual(['b ended', 'c ended'])
    expect([server.sequences, server.queued, server.usedTokens]).toEqual([0, 0, 0])
  })

  it('works by changed settings from the next step on', () => {
    const { time, live, log, submit } = started()
    submit('a', 3)
    time.runUntil(16)
    live.current = { ...settings, stepBaseMs: 100 }
    time.runOut()
    expect(log).toEqual(['a0 at 15', 'a1 at 25', 'a2 at 125', 'a ended'])
  })

  it('gives nothing more once it is closed', () => {
    const { time, server, log, submit } = started()
    submit('a', 3)
    time.runUntil(16)
    server.close()
    time.runOut()
    expect(log).toEqual(['a0 at 15'])
    expect(submit('b', 1)).toBe('full')
  })
})
