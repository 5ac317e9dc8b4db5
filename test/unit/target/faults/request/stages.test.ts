import { describe, expect, it } from 'vitest'
import type { Fault } from '../../../../../contract/faults/fault.ts'
import { DelayQueue } from '../../../../../core/delay-queue.ts'
import {
  type InjectedEnding,
  type FaultableExchange,
  FaultedAnswer,
  FaultedExchange,
} from '../../../../../target/faults/request/faulted-exchange.ts'
import { injectAfterHandler, injectBeforeHandler } from '../../../../../target/faults/request/stages.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'
import { faultable, injectionOf } from './support.ts'

const down: Fault = { type: 'status', status: 503 }
const lost: Fault = { type: 'status', status: 500, at: 'after_handler' }

describe('before the handler', () => {
  it('faults that take time come first, whatever the order of the rules', async () => {
    const { faulted, clock } = withFaults([down, { type: 'delay', distribution: 5 }, { type: 'hang' }])
    const ending = await clock.finish(Promise.resolve(injectBeforeHandler(faulted)))
    expect(ending).toMatchObject({ status: 503 })
    expect(faulted).toMatchObject({ delays: 1, plannedDelayMs: 5, isAnswered: true })
  })

  it('delays count from the arrival, and each from the end of the fault before it', async () => {
    const faults: Fault[] = [
      { type: 'delay', distribution: 30 },
      { type: 'delay', distribution: 10 },
      { type: 'stall', duration: 5 },
      { type: 'delay', distribution: 20 },
    ]
    const { faulted, clock } = withFaults(faults)
    // Something else kept the target busy after the request had arrived.
    clock.stall(7)
    await clock.finish(Promise.resolve(injectBeforeHandler(faulted)))
    expect(clock.now()).toBe(65)
    expect(faulted).toMatchObject({ delays: 3, plannedDelayMs: 60, delayMs: 60 })
  })

  it('a delay that is over before it is injected is not waited for', async () => {
    const { faulted, clock } = withFaults([{ type: 'delay', distribution: 30 }])
    clock.stall(40)
    await clock.finish(Promise.resolve(injectBeforeHandler(faulted)))
    expect(clock.now()).toBe(40)
    expect(faulted).toMatchObject({ plannedDelayMs: 30, delayMs: 40 })
  })

  it('the first fault that ends the exchange wins', async () => {
    const { faulted } = withFaults([{ type: 'reset' }, down, { type: 'hang' }])
    expect(await injectBeforeHandler(faulted)).toBe('reset')
  })

  it('a station may turn the exchange away before other faults end it', async () => {
    const { faulted } = withFaults([down, { type: 'capacity' }], {}, 'hang')
    expect(await injectBeforeHandler(faulted)).toBe('hang')
  })

  it('faults of the answer wait for the answer, unless the exchange opens a stream', async () => {
    expect(await injectBeforeHandler(withFaults([lost]).faulted)).toBeUndefined()
    expect(await injectBeforeHandler(withFaults([lost], { opens: true }).faulted)).toMatchObject({ status: 500 })
    expect(await injectBeforeHandler(withFaults([{ type: 'reset', afterBytes: 3 }]).faulted)).toBeUndefined()
  })

  it('nothing follows once the client has left', async () => {
    const { faulted } = withFaults([{ type: 'delay', distribution: '1h' }, down], { isOpen: false })
    expect(await injectBeforeHandler(faulted)).toBe('gone')
    expect(faulted.isAnswered).toBe(false)
  })
})

describe('after the handler', () => {
  it('the first status replaces the answer, and is corrupted like any other', async () => {
    const { faulted, answer } = withFaults([{ type: 'corrupt', how: 'invalid_json' }, lost, { ...lost, status: 502 }])
    expect(await injectAfterHandler(faulted, answer)).toBeUndefined()
    expect(answer.outgoing.contentType).toBe('application/problem+json')
    expect(String(answer.payload)).toMatch(/"status":500.*,$/)
  })

  it('an answer that a fault gave is not replaced', async () => {
    const { faulted, answer } = withFaults([lost])
    faulted.isAnswered = true
    await injectAfterHandler(faulted, answer)
    expect(answer.payload).toBe('{"a":1}')
  })

  it('the first fault that ends the answer wins', async () => {
    const early = withFaults([
      { type: 'close_early', afterBytes: 3 },
      { type: 'hang', at: 'after_handler' },
    ])
    expect(await injectAfterHandler(early.faulted, early.answer)).toBeUndefined()
    expect(early.answer.end).toEqual({ afterBytes: 3, how: 'close' })
    const late = withFaults([
      { type: 'reset', at: 'after_handler' },
      { type: 'close_early', afterBytes: 3 },
    ])
    expect(await injectAfterHandler(late.faulted, late.answer)).toBe('reset')
    expect(late.answer.end).toBeUndefined()
  })

  it('the first dribble paces the body, and the delays of all chunks add up', async () => {
    const chunk: Fault = { type: 'delay', at: 'between_chunks', distribution: 5 }
    const dribbles: Fault[] = [1, 2].map(pieceBytes => ({ type: 'dribble', bytesPerSecond: 10, pieceBytes }))
    const { faulted, answer, clock } = withFaults([...dribbles, chunk, chunk])
    await injectAfterHandler(faulted, answer)
    expect(answer.hasFaultyBody).toBe(true)
    expect(answer.dribble!().pieceBytes).toBe(1)
    expect(await clock.finish(answer.delayChunk())).toBe(true)
    expect(faulted).toMatchObject({ delays: 2, plannedDelayMs: 10 })
  })

  it('an answer without faults stays as it is', async () => {
    const { faulted, answer } = withFaults([down])
    expect(await injectAfterHandler(faulted, answer)).toBeUndefined()
    expect(answer.payload).toBe('{"a":1}')
    expect(answer.hasFaultyBody).toBe(false)
  })
})

function withFaults(faults: Fault[], about: Partial<FaultableExchange> = {}, atStation?: InjectedEnding) {
  const clock = new FakeClock()
  const faulted = new FaultedExchange(
    faults.map(fault => injectionOf(fault).injection),
    faultable(about),
    {
      clock,
      delays: new DelayQueue(clock),
      stations: { enter: () => Promise.resolve(atStation) },
      hanging: { add() {} },
      stallListener: { stalled() {} },
    },
  )
  const outgoing = {
    contentType: 'application/json',
    replace({ mediaType, body }: { mediaType: string; body: string }) {
      outgoing.contentType = mediaType
      return body
    },
    setHeader() {},
  }
  return { faulted, clock, answer: new FaultedAnswer('{"a":1}', outgoing) }
}
