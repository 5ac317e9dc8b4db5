import { expect, test } from 'vitest'
import { ReadingPace, parseReadRate } from '../../../../../harness/client/live/pace.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'

function create(rate?: '10/s') {
  const clock = new FakeClock()
  const told: string[] = []
  const source = { pause: () => told.push('pause'), resume: () => told.push('resume') }
  return { clock, told, pace: new ReadingPace(source, clock, rate) }
}

test('without a rate, only a full reader pauses the source', () => {
  const { pace, told } = create()
  pace.read()
  expect(told).toEqual([])
  pace.pause()
  pace.renewed()
  pace.resume()
  expect(told).toEqual(['pause', 'pause', 'resume'])
})

test('reading pauses after each item for as long as the rate requires, and longer after several', async () => {
  const { pace, told, clock } = create('10/s')
  pace.read()
  expect(told).toEqual(['pause'])
  await clock.advance(99)
  expect(told).toEqual(['pause'])
  await clock.advance(1)
  expect(told).toEqual(['pause', 'resume'])
  for (let frame = 0; frame < 20; frame += 1) pace.read()
  await clock.advance(1999)
  expect(told).toEqual(['pause', 'resume', 'pause'])
  pace.read()
  await clock.advance(100)
  expect(told).toHaveLength(3)
  await clock.advance(1)
  expect(told).toEqual(['pause', 'resume', 'pause', 'resume'])
})

test('reading goes on once the reader has room and the rate allows it', async () => {
  const { pace, told, clock } = create('10/s')
  pace.read()
  pace.pause()
  await clock.advance(100)
  expect(told).toEqual(['pause', 'pause'])
  pace.read()
  pace.resume()
  expect(told).not.toContain('resume')
  await clock.advance(100)
  expect(told.at(-1)).toBe('resume')
})

test('a pause ends with the source', async () => {
  const { pace, told } = create('10/s')
  for (let frame = 0; frame < 1000; frame += 1) pace.read()
  pace.end()
  await new Promise(setImmediate)
  expect(told).toEqual(['pause', 'resume'])
})

test('a rate is a count for each second, minute or hour', () => {
  expect({
    parseReadRate10S: parseReadRate('10/s'),
    parseReadRate05S: parseReadRate('0.5/s'),
    parseReadRate6M: parseReadRate('6/m'),
    parseReadRate36H: parseReadRate('36/h'),
  }).toEqual({ parseReadRate10S: 0.01, parseReadRate05S: 0.0005, parseReadRate6M: 0.0001, parseReadRate36H: 0.00001 })
  for (const wrong of ['10', '10/d', '-1/s', '0/s', '/s'])
    expect(() => parseReadRate(wrong as '1/s')).toThrow(RangeError)
})
