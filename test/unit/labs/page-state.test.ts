import { describe, expect, it } from 'vitest'
import { readSettings } from '../../../labs/lab-input.ts'
import { knee } from '../../../labs/lessons/knee.ts'
import { percentiles } from '../../../labs/lessons/percentiles.ts'
import { labStateOf } from '../../../labs/page-state.ts'
import { LabSession } from '../../../labs/session.ts'

const options = { seed: 1, version: '0.0.0', learner: 'Ada' }
const kneeNumbers = { quarter: 13, half: 21, threeQuarters: 38, nearlyFull: 90 }

describe('the state of a lab for its page', () => {
  it('tells neither formula nor right answer before the learner has predicted and answered', async () => {
    const session = new LabSession(knee, { ...options, run: () => Promise.resolve(kneeNumbers) })
    const before = labStateOf(session, { seed: 1 })
    expect(before).toMatchObject({ number: 3, stage: 'predict', attempts: [], loads: 4, previous: 'little' })
    expect(before.curves).toEqual([expect.objectContaining({ top: 200, isEven: false })])
    expect(before.curves[0]!.points.map(({ label }) => label)).toEqual(['25 %', '50 %', '75 %', '90 %'])
    expect(JSON.stringify(before)).not.toContain('13.33')
    expect(JSON.stringify(before)).not.toContain(knee.question.because)
    await session.run({ half: '30' })
    const after = labStateOf(session, { seed: 1, file: 'knee.json' })
    expect(after).not.toHaveProperty('verdict')
    expect(after.attempts[0]!.rows[1]).toEqual({
      measure: 'half',
      label: 'mean response at 50 %',
      from: 'target',
      predicted: 30,
      theory: 20,
      measured: 21,
      nearness: 'near',
      texts: { predicted: '30.0 ms', theory: '20.0 ms', measured: '21.0 ms' },
      grade: '≈ near',
    })
    expect(after.attempts[0]!.lines[0]).toHaveLength(61)
    session.answer(1)
    expect(labStateOf(session, { seed: 1 }).verdict).toMatchObject({ chosen: 1, right: 3, next: knee.next })
  })

  it('writes shares in per cent, so that they are read as they were', async () => {
    const numbers = { p95: 10, mean: 19, slowPages: 0.216 }
    const run = () => Promise.resolve(numbers)
    const session = new LabSession(percentiles, { ...options, run, settings: { slowShare: '3.5 %' } })
    const { settings } = labStateOf(session, { seed: 1 })
    expect(settings[0]).toEqual({
      name: 'slowShare',
      label: 'share of slow requests',
      unit: '%',
      text: '3.5 %',
      range: '0 % to 100 %',
    })
    const texts = Object.fromEntries(settings.map(({ name, text }) => [name, text]))
    expect(readSettings(percentiles, texts)).toEqual(session.settings)
    await session.run({ slowPages: '25 %' })
    const row = labStateOf(session, { seed: 1 }).attempts[0]!.rows[2]
    expect(row).toMatchObject({ predicted: 25, measured: 21.6, texts: { predicted: '25 %', measured: '21.6 %' } })
  })
})
