import { meanWaitMarkovian } from '../../core/queueing.ts'
import { length } from '../experiment.ts'
import { lab, type LabBench, type LabValues } from '../lab.ts'
import { queue } from '../queue.ts'

/** One fast server against several slow ones of the same capacity. */
export const servers = lab({
  name: 'servers',
  title: 'More servers, or faster ones',
  story: [
    'Four shops have the same capacity. The first has one fast server. The others have two, four and eight servers with one queue, and each of their servers is two, four or eight times slower.',
    'All get the same random arrivals, at the same share of their capacity.',
    'A response is the wait in the queue and the service together.',
  ],
  settings: {
    fastMs: { label: 'mean service of the fast server', unit: 'ms', value: 10, min: 2, max: 200 },
    load: { label: 'share of the capacity that is used', unit: 'share', value: 0.8, min: 0.05, max: 0.95 },
    seconds: length(10),
  },
  measures: {
    one: { label: 'mean response with one fast server', unit: 'ms', from: 'target' },
    two: { label: 'mean response with two servers', unit: 'ms', from: 'target' },
    four: { label: 'mean response with four servers', unit: 'ms', from: 'target' },
    eight: { label: 'mean response with eight slow servers', unit: 'ms', from: 'target' },
    oneWait: { label: 'mean wait with one fast server', unit: 'ms', from: 'target' },
    eightWait: {
      label: 'mean wait with eight slow servers',
      unit: 'ms',
      from: 'target',
      ask: 'How long is the mean wait for one of eight slow servers?',
    },
  },
  curves: [
    {
      ask: 'How long is the mean response in the shops with one, two, four and eight servers?',
      x: { label: 'servers of a shop', unit: 'count' },
      y: { label: 'mean response', unit: 'ms' },
      points: [
        { measure: 'one', x: 1 },
        { measure: 'two', x: 2 },
        { measure: 'four', x: 4 },
        { measure: 'eight', x: 8 },
      ],
      isEven: true,
    },
  ],
  loads: 4,
  theory: settings => ({
    one: responseMs(settings, 1),
    two: responseMs(settings, 2),
    four: responseMs(settings, 4),
    eight: responseMs(settings, 8),
    oneWait: waitMs(settings, 1),
    eightWait: waitMs(settings, 8),
  }),
  async run(bench, settings) {
    const one = await shop(bench, settings, 1)
    const two = await shop(bench, settings, 2)
    const four = await shop(bench, settings, 4)
    const eight = await shop(bench, settings, 8)
    return {
      one: one.response,
      two: two.response,
      four: four.response,
      eight: eight.response,
      oneWait: one.wait,
      eightWait: eight.wait,
    }
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
  next: 'Set the load to 50 %. What happens to the wait for one of eight servers, and why does the response hardly change?',
})

type ShopTraffic = LabValues<'fastMs' | 'load'>

async function shop(bench: LabBench, { fastMs, load, seconds }: ShopTraffic & LabValues<'seconds'>, count: number) {
  const visits = await queue(bench, {
    servers: count,
    service: { type: 'exponential', mean: count * fastMs },
    ratePerSecond: (1000 * load) / fastMs,
    seconds,
  })
  return { wait: visits.meanWaitMs, response: visits.meanWaitMs + visits.meanServiceMs }
}

function waitMs({ fastMs, load }: ShopTraffic, count: number): number {
  return meanWaitMarkovian({ arrivalRate: load / fastMs, meanService: count * fastMs, servers: count })
}

function responseMs(settings: ShopTraffic, count: number): number {
  return count * settings.fastMs + waitMs(settings, count)
}
