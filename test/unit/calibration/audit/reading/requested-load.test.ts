import { describe, expect, it } from 'vitest'
import { requestedLoad } from '../../../../../calibration/audit/reading/requested-load.ts'

const options = { users: ['-c'], requests: ['-n'], ratePerSecond: ['-r'], duration: ['-d'], unit: 's' }

describe('requestedLoad', () => {
  it.each([
    [
      ['-c', '10', '-n', '200', '-r', '50', '-d', '5'],
      { users: 10, requests: 200, ratePerSecond: 50, durationMs: 5000 },
    ],
    [['-c1k', '-d1m30s'], { users: 1000, durationMs: 90_000 }],
    [['-d', '30S'], { durationMs: 30_000 }],
    [['-d', '250ms'], { durationMs: 250 }],
    [['-c', '0', '-r', '0', '-d', '0'], {}],
    [['-c', 'many', '-d', 'long', '-n'], {}],
    [[], {}],
  ])('of %j is %j', (args, load) => {
    expect(requestedLoad(args, options)).toEqual(load)
  })
})
