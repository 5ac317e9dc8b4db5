import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { median } from '../../core/median.ts'
import { expectAnswers, type Generator, type LoadReading, startGenerator } from '../processes/load.ts'
import { type MemoryReading, readMemory } from '../processes/memory.ts'
import { type Child } from '../processes/process.ts'
import { atLeast, atMost, type Bench, emptyReport, figure, spread } from '../measurement/report.ts'
import { byName, type Contender, interleave, ratios } from '../measurement/rounds.ts'
import { startTarget } from '../processes/target.ts'

/** Users that send one request after another. HTTP/2 carries all of them on one connection. */
const USERS = 50
const FEW = 100
const MANY = 1000
/** KB of resident memory that an idle connection over TLS may take. */
const LIMIT_KB = 96

/** A way to reach the target. */
interface Way {
  name: string
  server: Child
  generator: Generator
  /** Opens a connection, and leaves it idle. */
  hold: (url: URL, ca: string) => Promise<{ destroy: () => void }>
}

export const secure: Bench = {
  name: 'secure',
  description: 'TLS and HTTP/2 against plaintext: requests, and the memory of an idle connection',
  async run(rounds) {
    const folder = mkdtempSync(join(tmpdir(), 'loadcell-bench-'))
    const caFile = join(folder, 'ca.pem')
    const [plain, secured] = await Promise.all([
      startTarget(),
      startTarget({ 'tls.enabled': 'true', 'tls.caFile': caFile }),
    ])
    const ca = readFileSync(caFile, 'utf8')
    const engine = 'floors/http-version.ts'
    const ways: Way[] = [
      {
        name: 'http',
        server: plain,
        generator: await startGenerator('http', engine, { version: '1.1' }),
        hold: holdPlain,
      },
      {
        name: 'https, HTTP/1.1',
        server: secured,
        generator: await startGenerator('https', engine, { version: '1.1', ca }),
        hold: holdSecured,
      },
      {
        name: 'https, HTTP/2',
        server: secured,
        generator: await startGenerator('http2', engine, { version: '2', ca }),
        hold: holdHttp2,
      },
    ]
    const report = emptyReport(notes)
    try {
      const contenders = ways.map(driving)
      const readings = await interleave(contenders, rounds)
      const rates = readings.map(turns => turns.map(({ requests, seconds }) => requests / seconds))
      const costs = readings.map(turns => turns.map(({ requests, serverSeconds }) => (serverSeconds * 1e6) / requests))
      report.tables.push({
        title: `GET of a product by ${USERS} users`,
        columns: ['way', 'requests/s', 'target CPU µs/request', '÷ http', 'generator CPU µs/request'],
        rows: ways.map(({ name }, index) => [
          name,
          figure(median(rates[index] ?? [])),
          figure(median(costs[index] ?? []), 1),
          spread(ratios(costs[index] ?? [], costs[0] ?? [])),
          figure(median((readings[index] ?? []).map(({ requests, cpuSeconds }) => (cpuSeconds * 1e6) / requests)), 1),
        ]),
      })
      report.marks.push(atMost('target CPU of a request: https ÷ http', ratios(costs[1] ?? [], costs[0] ?? []), 4))
      report.marks.push(atLeast('requests/s: https, HTTP/2 ÷ http', ratios(rates[2] ?? [], rates[0] ?? []), 0.2))
      const held: [string, number][] = []
      for (const way of ways) held.push([way.name, await memoryOf(way, ca)])
      report.tables.push({
        title: `KB of resident memory by idle connection, ${figure(FEW)} → ${figure(MANY)}`,
        columns: ['way', 'KB'],
        rows: held.map(([name, kilobytes]) => [name, figure(kilobytes, 1)]),
      })
      report.marks.push(
        ...held.slice(1).map(([name, kilobytes]) => atMost(`KB by idle connection: ${name}`, [kilobytes], LIMIT_KB)),
      )
      report.readings.push({ ...byName(contenders, readings), held })
      return report
    } finally {
      await Promise.all([plain, secured, ...ways.map(({ generator }) => generator)].map(child => child.stop()))
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

const notes = [
  'The generator is the engine of the harness alone. Over HTTP/1.1 each user has a connection; over HTTP/2 all share one.',
  'Both ends of TLS are on this machine: each has a core. Handshakes are outside the requests, but for the first ones.',
  'Memory is read once, after a full garbage collection, in servers that have served the requests before.',
]

type SecureReading = LoadReading & { serverSeconds: number }

function driving({ name, server, generator }: Way): Contender<SecureReading> {
  return {
    name,
    async measure(seconds) {
      const before = server.cpuSeconds()
      const reading = await generator.drive({ url: `${server.url}/products/1`, connections: USERS, seconds })
      expectAnswers(name, reading)
      return { ...reading, serverSeconds: server.cpuSeconds() - before }
    },
  }
}

/** Returns the KB that each idle connection takes. */
async function memoryOf({ server, hold }: Way, ca: string): Promise<number> {
  const url = new URL(server.url)
  const open: { destroy: () => void }[] = []
  const growTo = async (size: number): Promise<MemoryReading> => {
    while (open.length < size) open.push(...(await Promise.all(Array.from({ length: 50 }, () => hold(url, ca)))))
    return readMemory(server)
  }
  const few = await growTo(FEW)
  const many = await growTo(MANY)
  for (const connection of open) connection.destroy()
  return (many.rssBytes - few.rssBytes) / (MANY - FEW) / 1024
}

/** Sends one request, so that everything that a connection needs is there. */
const GET = 'GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n'

async function used(socket: Socket): Promise<Socket> {
  socket.on('error', () => {})
  socket.write(GET)
  await once(socket, 'data')
  return socket
}

async function holdPlain({ hostname, port }: URL): Promise<Socket> {
  return used(connectTcp(Number(port), hostname))
}

async function holdSecured({ hostname, port }: URL, ca: string): Promise<Socket> {
  return used(connectTls({ host: hostname, port: Number(port), ca, ALPNProtocols: ['http/1.1'] }))
}

async function holdHttp2({ origin }: URL, ca: string) {
  const session = connectHttp2(origin, { ca })
  session.on('error', () => {})
  const stream = session.request({ ':path': '/healthz' })
  stream.resume()
  await once(stream, 'close')
  return session
}
