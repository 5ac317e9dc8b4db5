import { atLeast, atMost, type SpeedMark } from './report.ts'
import { type Contender, differences, median, ratios } from './rounds.ts'
import { figure, spread, type Table } from './table.ts'

/** The result of bursts to many subscribers. */
export interface Delivered {
  perSecond: number
  /** CPU time of the server by delivery: all of it, and what one more subscriber adds. */
  cpuUs: number
  fanoutCpuUs: number
  /** From publishing to the first delivery: median, and the 99th percentile. */
  firstMs: number
  firstP99Ms: number
  /** The same to every delivery, on average. */
  meanMs: number
}

export interface DeliveryCase {
  transport: 'SSE' | 'WebSocket'
  subscribers: number
  burst: number
}

/** Places among the contenders: the target, a loop over ready-made bytes, one that joins them, and the naive way. */
const [TARGET, READY, , NAIVE] = [0, 1, 2, 3]

/** `readings` by contender, then by round. */
export function tableOf(
  { transport, subscribers, burst }: DeliveryCase,
  contenders: readonly Pick<Contender<unknown>, 'name'>[],
  readings: Delivered[][],
): Table {
  const of = (index: number, what: keyof Delivered) => columnOf(readings[index], what)
  const middle = (index: number, what: keyof Delivered) => median(of(index, what))
  return {
    title: `${transport}, ${figure(subscribers)} subscribers, ${burst === 1 ? 'one event at a time' : `bursts of ${burst}`}`,
    columns: [
      'server',
      'deliveries/s',
      '÷ naive',
      'per CPU second',
      'CPU µs',
      'naive’s ÷ it',
      'fan-out µs',
      'ready-made’s ÷ it',
      'first ms',
      'p99',
      'mean ms',
    ],
    rows: contenders.map(({ name }, index) => [
      name,
      figure(middle(index, 'perSecond')),
      spread(ratios(of(index, 'perSecond'), of(NAIVE, 'perSecond'))),
      figure(1e6 / middle(index, 'cpuUs')),
      figure(middle(index, 'cpuUs'), 2),
      spread(ratios(of(NAIVE, 'cpuUs'), of(index, 'cpuUs'))),
      figure(middle(index, 'fanoutCpuUs'), 2),
      spread(ratios(of(READY, 'fanoutCpuUs'), of(index, 'fanoutCpuUs'))),
      figure(middle(index, 'firstMs'), 2),
      figure(middle(index, 'firstP99Ms'), 2),
      figure(middle(index, 'meanMs'), 2),
    ]),
  }
}

export function marksOf({ transport, subscribers, burst }: DeliveryCase, readings: Delivered[][]): SpeedMark[] {
  const of = (index: number, what: keyof Delivered) => columnOf(readings[index], what)
  const where = `${transport} to ${figure(subscribers)}, ${burst === 1 ? 'one at a time' : 'backlog'}`
  if (burst === 1) {
    return [
      atLeast(
        `${where}: fan-out CPU of ready-made bytes ÷ the target’s`,
        ratios(of(READY, 'fanoutCpuUs'), of(TARGET, 'fanoutCpuUs')),
        0.9,
      ),
      atMost(
        `${where}: ms that the first delivery comes after that of ready-made bytes`,
        differences(of(TARGET, 'firstMs'), of(READY, 'firstMs')),
        5,
      ),
    ]
  }
  return [
    atLeast(`${where}: CPU of the naive way ÷ the target’s`, ratios(of(NAIVE, 'cpuUs'), of(TARGET, 'cpuUs')), 5),
    atLeast(
      `${where}: million deliveries per CPU second`,
      of(TARGET, 'cpuUs').map(cpuUs => 1 / cpuUs),
      1,
    ),
    atMost(
      `${where}: ms that deliveries come after those of ready-made bytes, on average`,
      differences(of(TARGET, 'meanMs'), of(READY, 'meanMs')),
      5,
    ),
  ]
}

/** A delivery costs the same however many there are; `singles` are the target's readings by number of subscribers. */
export function growthMarks(
  transport: DeliveryCase['transport'],
  singles: ReadonlyMap<number, Delivered[]>,
): SpeedMark[] {
  const sizes = [...singles.keys()]
  const [few, many] = [Math.min(...sizes), Math.max(...sizes)]
  if (!(few < many)) return []
  const costs = (size: number) => columnOf(singles.get(size), 'fanoutCpuUs')
  const claim = `${transport}, one at a time: the target’s fan-out CPU at ${figure(many)} ÷ at ${figure(few)}`
  return [atMost(claim, ratios(costs(many), costs(few)), 1.5)]
}

function columnOf(readings: Delivered[] = [], what: keyof Delivered): number[] {
  return readings.map(reading => reading[what])
}
