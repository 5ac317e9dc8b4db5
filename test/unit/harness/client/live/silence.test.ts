import { describe, expect, it } from 'vitest'
import { type Audible, SilenceWatch, parseSilence } from '../../../../../harness/client/live/silence.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'

class Line implements Audible {
  receivedBytes = 0
  isPaused = false
  fallen = 0
  readonly silenceMs: number

  constructor(silenceMs = 1000) {
    this.silenceMs = silenceMs
  }

  fellSilent(): void {
    this.fallen += 1
  }
}

function watched(...lines: Line[]) {
  const clock = new FakeClock()
  const watch = new SilenceWatch(clock)
  for (const line of lines) watch.add(line)
  return { clock, watch }
}

describe('the watch over silence', () => {
  it('reports a connection over which nothing came for its time, and again after as long', async () => {
    const [line, patient] = [new Line(1000), new Line(4000)]
    const { clock } = watched(line, patient)
    await clock.advance(1000)
    expect(line.fallen).toBe(0)
    await clock.advance(250)
    expect({ lineFallen: line.fallen, patientFallen: patient.fallen }).toEqual({ lineFallen: 1, patientFallen: 0 })
    await clock.advance(1000)
    expect(line.fallen).toBe(2)
  })

  it('takes any byte as a sign of life', async () => {
    const line = new Line()
    const { clock } = watched(line)
    for (let times = 0; times < 20; times++) {
      await clock.advance(750)
      line.receivedBytes += 1
    }
    expect(line.fallen).toBe(0)
  })

  it('ignores a connection that is paused, and gives it the whole time once it is resumed', async () => {
    const line = new Line()
    const { clock } = watched(line)
    await clock.advance(750)
    line.isPaused = true
    await clock.advance(60_000)
    line.isPaused = false
    await clock.advance(750)
    expect(line.fallen).toBe(0)
    await clock.advance(500)
    expect(line.fallen).toBe(1)
  })

  it('does not count a delay of its own process as silence', async () => {
    const line = new Line(2000)
    const { clock } = watched(line)
    await clock.advance(500)
    clock.stall(60_000)
    await clock.advance(250)
    expect(line.fallen).toBe(0)
  })

  it('ends with the last connection, and begins again with another', async () => {
    const [first, second] = [new Line(), new Line()]
    const { clock, watch } = watched(first)
    watch.delete(first)
    await clock.advance(10_000)
    watch.add(second)
    await clock.advance(1250)
    expect({ firstFallen: first.fallen, secondFallen: second.fallen }).toEqual({ firstFallen: 0, secondFallen: 1 })
  })

  it('never reports a connection without a limit', async () => {
    const line = new Line(0)
    const { clock } = watched(line)
    await clock.advance(60_000)
    expect(line.fallen).toBe(0)
  })

  it.each([
    [undefined, 15_000],
    ['2s', 2000],
    [0, 0],
    [false, 0],
  ] as const)('%s is a limit of %i ms', (silence, limitMs) => {
    expect(parseSilence(silence)).toBe(limitMs)
  })
})
