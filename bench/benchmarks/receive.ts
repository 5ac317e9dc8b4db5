import { expectAnswers, type LoadReading, startGenerator } from '../processes/load.ts'
import { median } from '../../core/median.ts'
import { startChild } from '../processes/process.ts'
import { atLeast, type Bench, emptyReport, figure, type SpeedMark, type Table } from '../measurement/report.ts'
import { byName, type Contender, interleave, medianRatio } from '../measurement/rounds.ts'

const CONNECTIONS = 4

interface BenchReader {
  name: string
  path: string
  argument: string
}

const READERS: { transport: string; floor: string; readers: BenchReader[] }[] = [
  {
    transport: 'SSE',
    floor: '/events',
    readers: [
      { name: 'harness', path: 'subjects/receiver.ts', argument: 'stream' },
      { name: 'harness, each event read', path: 'subjects/receiver.ts', argument: 'read' },
      { name: 'harness, raw', path: 'subjects/receiver.ts', argument: 'raw' },
    ],
  },
  {
    transport: 'WebSocket',
    floor: '/ws/chat',
    readers: [
      { name: 'harness', path: 'subjects/receiver.ts', argument: 'listen' },
      { name: 'harness, each frame taken', path: 'subjects/receiver.ts', argument: 'socket' },
    ],
  },
]

const PARSER = 'a loop that parses their JSON'
const COUNTER = 'a loop that counts them'

export const receive: Bench = {
  name: 'receive',
  description:
    'events received by SSE and WebSocket: the harness in a scenario, and loops over the bytes of the socket',
  async run(rounds) {
    const server = await startChild('server', 'floors/flood.ts')
    const report = emptyReport([
      'The server sends 64 events in each write. An event of the stream has about 200 bytes, one of the socket 160.',
      'The harness hands every event of a stream to a scenario. It checks JSON, order and gaps, and counts; a raw stream is only counted. It parses the JSON of a stream when the scenario reads it. A scenario listens to a socket, and only another one takes its frames, which are parsed.',
    ])
    try {
      for (const { transport, floor, readers } of READERS) {
        const generators = await Promise.all([
          ...readers.map(({ name, path, argument }) => startGenerator(name, path, argument)),
          startGenerator(PARSER, 'floors/counting-reader.ts', `${floor} parsed`),
          startGenerator(COUNTER, 'floors/counting-reader.ts', floor),
        ])
        try {
          const contenders = generators.map(
            ({ name, drive }): Contender<LoadReading> => ({
              name,
              async measure(seconds) {
                const reading = await drive({ url: server.url, connections: CONNECTIONS, seconds })
                expectAnswers(name, reading)
                return reading
              },
            }),
          )
          const readings = await interleave(contenders, rounds)
          const { table, mark } = received(transport, contenders, readings)
          report.tables.push(table)
          report.marks.push(mark)
          report.readings.push({ transport, ...byName(contenders, readings) })
        } finally {
          await Promise.all(generators.map(({ stop }) => stop()))
        }
      }
      return report
    } finally {
      await server.stop()
    }
  },
}

/** @param readings by contender, the harness first and the two loops last; then by round */
export function received(
  transport: string,
  contenders: readonly Pick<Contender<unknown>, 'name'>[],
  readings: readonly LoadReading[][],
): { table: Table; mark: SpeedMark } {
  const perCpuSecond = readings.map(turns => turns.map(({ requests, cpuSeconds }) => requests / cpuSeconds))
  const [parser, counter] = perCpuSecond.slice(-2)
  const table: Table = {
    title: `${transport}, ${CONNECTIONS} connections, events joined`,
    columns: ['reader', 'events per CPU second', 'CPU µs an event', '÷ the loop that parses', '÷ the loop that counts'],
    rows: contenders.map(({ name }, index) => {
      const own = perCpuSecond[index] ?? []
      return [
        name,
        figure(median(own)),
        figure(1e6 / median(own), 2),
        figure(medianRatio(own, parser ?? []), 2),
        figure(medianRatio(own, counter ?? []), 2),
      ]
    }),
  }
  const million = (perCpuSecond[0] ?? []).map(events => events / 1e6)
  return { table, mark: atLeast(`${transport}: million events received per CPU second`, million, 1) }
}
