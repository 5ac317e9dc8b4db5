import { meanWaitMarkovian } from '../../core/queueing.ts'
import { length } from '../experiment.ts'
import { lab } from '../lab.ts'
import { queue } from '../queue.ts'

/** One fast server against several slow ones of the same capacity. */
export const servers = lab({
  name: 'servers',
  title: 'More servers, or faster ones',
  story: [
    'Two shops have the same capacity. The first has one fast server. The second has several servers with one queue, and each of them is as many times slower.',
    'Both get the same random arrivals, at 80 % of the capacity.',
    'A response is the wait in the queue and the service together.',
  ],
  settings: {
    servers: { label: 'servers of the second shop', unit: 'count', value: 4, min: 2, max: 64 },
    fastMs: { label: 'mean service of the fast server', unit: 'ms', value: 10, min: 2, max: 200 },
    seconds: length(12),
  },
  measures: {
    fast: {
      label: 'mean response with one fast server',
      unit: 'ms',
      from: 'target',
      ask: 'How long is the mean response in the shop with one fast server?',
    },
    slow: {
      label: 'mean response with several slow servers',
      unit: 'ms',
      from: 'target',
      ask: 'How long is it in the shop with several slow servers?',
    },
    fastWait: { label: 'mean wait with one fast server', unit: 'ms', from: 'target' },
    slowWait: { label: 'mean wait with several slow servers', unit: 'ms', from: 'target' },
  },
  theory({ servers: count, fastMs }) {
    const fastWait = waitMs(1, fastMs)
    const slowWait = waitMs(count, fastMs)
    return { fast: fastMs + fastWait, slow: count * fastMs + slowWait, fastWait, slowWait }
  },
  async run(bench, { servers: count, fastMs, seconds }) {
    const shop = async (serverCount: number) => {
      const service = { type: 'exponential', mean: serverCount * fastMs } as const
      const visits = await queue(bench, {
        servers: serverCount,
        service,
        ratePerSecond: (1000 * LOAD) / fastMs,
        seconds,
      })
      return { wait: visits.meanWaitMs, response: visits.meanWaitMs + visits.meanServiceMs }
    }
    const one = await shop(1)
    const several = await shop(count)
    return { fast: one.response, slow: several.response, fastWait: one.wait, slowWait: several.wait }
  },
  question: {
    ask: 'Which shop answers faster, and in which does a request wait longer for a server?',
    options: [
      'One fast server answers faster, and requests wait longer for it',
      'Several slow servers answer faster, and requests wait less for them',
      'Both are the same, because their capacity is',
    ],
    answer: () => 0,
    because:
      'With several servers, one of them is often free, so the wait is shorter. But each service takes as many times longer, which outweighs it. Several servers help when some requests are very long: those do not block all others.',
  },
  next: 'Give the second shop 16 servers. What happens to its wait, and what to its response?',
})

const LOAD = 0.8

function waitMs(count: number, fastMs: number): number {
  return meanWaitMarkovian({ arrivalRate: LOAD / fastMs, meanService: count * fastMs, servers: count })
}
