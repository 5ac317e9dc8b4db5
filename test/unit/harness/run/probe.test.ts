import { describe, expect, it } from 'vitest'
import { probeTarget, unreachableOutcome } from '../../../../harness/run/probe.ts'
import type { Rig } from '../../../../harness/run/rig.ts'
import type { HttpResponse } from '../../../../harness/scenario/http.ts'
import { fakeFloor } from '../../../support/fake-floor.ts'

/** Probes a target that gives these answers, one after the other; a failed one is put into the error table as the client would. */
async function probe(...answers: Pick<HttpResponse, 'status' | 'failure'>[]) {
  const { clock, execution, recorder, stop } = fakeFloor([{ behaviour: { iterate: () => {} } }])
  let asked = 0
  const headOf = async () => {
    const answer = answers[asked++]
    if (answer === undefined) throw new Error('asked too often')
    if (answer.failure) recorder.fail({ reason: answer.failure, name: '/healthz', example: 'getaddrinfo ENOTFOUND' })
    if (answer.failure === 'interrupted') stop.abort()
    return answer
  }
  const rig = { client: { headOf }, recorder, execution } as unknown as Rig
  return { reason: await clock.finish(probeTarget(rig)), asked: () => asked }
}

describe('probeTarget', () => {
  it('treats any response as a sign of life', async () => {
    expect((await probe({ status: 404 })).reason).toBeUndefined()
    expect((await probe({ status: 503 })).reason).toBeUndefined()
  })

  it('does not give up at the first broken connection', async () => {
    const { reason, asked } = await probe({ status: 0, failure: 'reset' }, { status: 200 })
    expect(reason).toBeUndefined()
    expect(asked()).toBe(2)
  })

  it('says why there is no response', async () => {
    const dead = { status: 0, failure: 'dns' } as const
    expect((await probe(dead, dead, dead)).reason).toEqual({
      reason: 'dns',
      name: '/healthz',
      example: 'getaddrinfo ENOTFOUND',
    })
  })

  it('reports nothing about the target if the run was stopped meanwhile', async () => {
    expect((await probe({ status: 0, failure: 'interrupted' })).reason).toBeUndefined()
  })
})

describe('unreachableOutcome', () => {
  const cut = { reason: 'closed', example: 'the server closed the connection', name: '/healthz' } as const

  it('suspects TLS where a connection without it is cut', () => {
    expect(unreachableOutcome('http://shop', cut)).toMatchObject({
      detail: expect.stringMatching(/\. If it speaks TLS, give its URL with https\.$/),
    })
  })

  it('does not where TLS is spoken already, or nobody is there', () => {
    for (const outcome of [
      unreachableOutcome('https://shop', cut),
      unreachableOutcome('http://shop', { ...cut, reason: 'refused' }),
    ])
      expect(outcome).toMatchObject({ detail: expect.not.stringContaining('https.') })
  })
})
