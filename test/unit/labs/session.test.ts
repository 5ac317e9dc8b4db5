import { describe, expect, it, vi } from 'vitest'
import { little } from '../../../labs/lessons/little.ts'
import { type LabRunner, LabSession } from '../../../labs/session.ts'

const numbers = { present: 10.2, rate: 40, stay: 250 }

function session(run: LabRunner = () => Promise.resolve(numbers), settings?: Record<string, string>) {
  return new LabSession(little, { run, seed: 7, version: '1.2.3', learner: 'Ada', ...(settings && { settings }) })
}

/** A run that ends when the test says so. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, number>>()
  const run = vi.fn<LabRunner>((_, __, { stop }) => {
    stop.addEventListener('abort', () => reject(stop.reason as Error))
    return promise
  })
  return { run, end: () => resolve(numbers) }
}

describe('a session', () => {
  it('leads from the prediction over the run to the answer, and to a worksheet', async () => {
    const lab = session()
    expect(lab.stage).toBe('predict')
    lab.change({ rate: '50' })
    const running = lab.run({ present: '20' })
    expect(lab.stage).toBe('run')
    const attempt = await running
    expect(lab.stage).toBe('compare')
    expect(attempt.settings).toEqual({ rate: 50, stayMs: 250, seconds: 5 })
    expect(attempt.measures[0]).toMatchObject({ predicted: 20, theory: 12.5, measured: 10.2, nearness: 'off' })
    expect(lab.answer(2)).toEqual({ chosen: 2, right: 2 })
    expect(lab.worksheet()).toEqual({
      format: 'loadcell.lab/1',
      lab: 'little',
      learner: 'Ada',
      version: '1.2.3',
      seed: 7,
      attempts: [attempt],
      question: { answer: 'Twice as many', isRight: true },
    })
  })

  it('keeps each run, and the settings of the one before', async () => {
    const lab = session(undefined, { rate: '30' })
    await lab.run({})
    lab.change({ stayMs: '100' })
    expect(lab.stage).toBe('predict')
    await lab.run({ present: '3' })
    expect(lab.worksheet().attempts.map(({ settings }) => settings)).toEqual([
      { rate: 30, stayMs: 250, seconds: 5 },
      { rate: 30, stayMs: 100, seconds: 5 },
    ])
  })

  it('may go on after the answer, which stays the first one', async () => {
    const lab = session()
    await lab.run({})
    lab.answer(1)
    lab.change({ rate: '80' })
    await lab.run({})
    expect(() => lab.answer(2)).toThrow('the first answer counts')
    expect(lab.worksheet().question).toEqual({ answer: 'As many as before', isRight: false })
  })

  it('shows the right option without an answer, which the worksheet does not have then', async () => {
    const lab = session()
    await lab.run({})
    expect(lab.answer(undefined)).toEqual({ right: 2 })
    expect(lab.worksheet()).not.toHaveProperty('question')
  })

  it('refuses what its stage does not allow, and what it cannot use, and changes nothing', async () => {
    const { run, end } = held()
    const lab = session(run)
    expect(() => lab.answer(1)).toThrow('run the lab first')
    expect(() => lab.change({ speed: '3' })).toThrow('there is no setting "speed"')
    expect(() => lab.change({ rate: '1000' })).toThrow('rate: expected a number from 1 per second to 300 per second')
    await expect(lab.run({ present: 'many' })).rejects.toThrow('present: expected a number, in count, got "many"')
    expect(run).not.toHaveBeenCalled()
    const running = lab.run({})
    expect(() => lab.change({ rate: '20' })).toThrow('a run is under way')
    await expect(lab.run({})).rejects.toThrow('a run is under way')
    expect(() => lab.answer(1)).toThrow('a run is under way')
    end()
    await running
    expect(() => lab.answer(4)).toThrow('expected an answer from 1 to 3, got 4')
    expect(lab.settings['rate']).toBe(40)
    expect(lab.attempts).toHaveLength(1)
  })

  it('keeps nothing of a run that was stopped, and goes back', async () => {
    const { run } = held()
    const lab = session(run)
    const running = lab.run({})
    lab.stop(new Error('stopped by the learner'))
    await expect(running).rejects.toThrow('stopped by the learner')
    expect([lab.stage, lab.attempts.length]).toEqual(['predict', 0])
  })

  it('keeps with a run which of its loads cannot be trusted', async () => {
    const lab = session((_, __, { doubt }) => {
      doubt(1)
      return Promise.resolve(numbers)
    })
    expect((await lab.run({})).doubtful).toEqual([1])
    expect(lab.worksheet().attempts[0]!.doubtful).toEqual([1])
  })

  it('tells its listeners of progress, until they have heard enough', async () => {
    const progress = {
      load: 1,
      elapsedMs: 1000,
      plannedMs: 5000,
      requests: 40,
      requestsPerSecond: 40,
      responseP95Ms: 251,
    }
    const lab = session((_, __, { tell }) => {
      tell(progress)
      return Promise.resolve(numbers)
    })
    const heard: unknown[] = []
    const enough = lab.subscribe(() => heard.push([lab.stage, lab.progress?.elapsedMs]))
    await lab.run({})
    expect(heard).toEqual([
      ['run', undefined],
      ['run', 1000],
      ['compare', undefined],
    ])
    enough()
    lab.change({})
    expect(heard).toHaveLength(3)
  })
})
