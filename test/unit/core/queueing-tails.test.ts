import { describe, expect, it } from 'vitest'
import { slowShareMarkovian, slowShareOfEvenServer } from '../../../core/queueing-tails.ts'
import { meanWaitMarkovian, meanWaitOfOneServer } from '../../../core/queueing.ts'
import { random } from '../../../core/random.ts'

/** Integrates a tail over all times, which is the mean. */
function meanOf(tail: (stay: number) => number): number {
  const step = 0.02
  let sum = 0
  for (let stay = step / 2; stay < 200; stay += step) sum += tail(stay) * step
  return sum
}

describe('slowShareMarkovian', () => {
  it('is the exponential of the spare capacity at M/M/1', () => {
    for (const stay of [0, 0.5, 3, 20])
      expect(slowShareMarkovian({ arrivalRate: 0.7, meanService: 1, servers: 1 }, stay)).toBeCloseTo(
        Math.exp(-0.3 * stay),
        12,
      )
  })

  it.each([
    [0.5, 1],
    [1.6, 2],
    [3.4, 4],
    // The spare capacity equals the rate of a server, where the formula has another form.
    [3, 4],
  ])(
    'has the mean wait of Erlang and a service as its area, at a rate of %d and %d servers',
    (arrivalRate, servers) => {
      const traffic = { arrivalRate, meanService: 1, servers }
      expect(meanOf(stay => slowShareMarkovian(traffic, stay))).toBeCloseTo(meanWaitMarkovian(traffic) + 1, 3)
    },
  )

  it('is everybody from a utilisation of one on', () => {
    expect(slowShareMarkovian({ arrivalRate: 4, meanService: 1, servers: 4 }, 1e6)).toBe(1)
  })
})

describe('slowShareOfEvenServer', () => {
  it.each([0.3, 0.6, 0.8, 0.9])(
    'has the mean wait of Pollaczek and Khinchine and a service as its area, at %d',
    arrivalRate => {
      const traffic = { arrivalRate, meanService: 1 }
      const mean = meanOf(stay => slowShareOfEvenServer(traffic, stay))
      expect(mean).toBeCloseTo(meanWaitOfOneServer(traffic, 0) + 1, 3)
    },
  )

  it('agrees with a simulation by Lindley’s recursion', () => {
    const draws = random(1)
    let [wait, slow] = [0, 0]
    const visits = 200_000
    for (let visit = 0; visit < visits; visit++) {
      if (wait + 1 > 3) slow += 1
      wait = Math.max(0, wait + 1 + Math.log1p(-draws.next()) / 0.6)
    }
    expect(slow / visits).toBeCloseTo(slowShareOfEvenServer({ arrivalRate: 0.6, meanService: 1 }, 3), 2)
  })

  it('continues without a step where the sum ends and the asymptote begins', () => {
    const at = (stay: number) => Math.log(slowShareOfEvenServer({ arrivalRate: 0.8, meanService: 1 }, stay))
    expect(at(13.001) - at(12.999)).toBeCloseTo(at(12.999) - at(12.997), 4)
  })

  it('is everybody who stays for less than a service, or at a full server', () => {
    expect(slowShareOfEvenServer({ arrivalRate: 0.5, meanService: 1 }, 0.99)).toBe(1)
    expect(slowShareOfEvenServer({ arrivalRate: 1, meanService: 1 }, 100)).toBe(1)
  })
})
