import { mkdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { median } from '../../core/median.ts'
import { type Generator, leanestGenerator } from '../processes/load.ts'
import { goHttpbin } from '../peers/go-httpbin.ts'
import { jsonServer } from '../peers/json-server.ts'
import { mockoon } from '../peers/mockoon.ts'
import { mockserver } from '../peers/mockserver.ts'
import type { PeerServer } from '../peers/peer.ts'
import { wiremock } from '../peers/wiremock.ts'
import { type ServerProcess, startProgram } from '../processes/process.ts'
import { atLeast, type Bench, type BenchReport, emptyReport, figure, range } from '../measurement/report.ts'
import { byName, type Contender, interleave, medianRatio, ratios, type Rounds } from '../measurement/rounds.ts'
import { CONNECTIONS, cpuUsOf, ratesOf, serving, type ServingReading } from '../contenders/serving.ts'
import { startTarget } from '../processes/target.ts'

const PEERS: readonly PeerServer[] = [goHttpbin, wiremock, mockserver, jsonServer, mockoon]

/** The length of answer that the comparison looks for among the products. */
const ANSWER_BYTES = 200
/** Number of products that it looks at. */
const LOOKED_AT = 100
/** Turns before the rounds: the compilers of a JVM take longer than ours. */
const WARM_UP_TURNS = 3

const cache = join(import.meta.dirname, '../..', 'node_modules', '.cache', 'loadcell-peers')

export const peers: Bench = {
  name: 'peers',
  description: 'one core of the target against other mock servers with the same answer: WireMock, go-httpbin …',
  async run(rounds) {
    const notes: string[] = []
    const generator = await leanestGenerator()
    const servers: ServerProcess[] = []
    try {
      const target = await startTarget()
      servers.push(target)
      const { path, answer } = await answerOf(target)
      const contenders = [contenderOf('the target', target, path, generator)]
      for (const peer of PEERS) {
        try {
          const { child, path } = await start(peer, answer)
          servers.push(child)
          contenders.push(contenderOf(`${peer.name} ${peer.version}`, child, path, generator))
        } catch (error) {
          const skipped = `${peer.name} ${peer.version} was skipped: ${(error as Error).message}`
          process.stderr.write(`  ${skipped}\n`)
          notes.push(skipped)
        }
      }
      await warmUp(contenders, rounds)
      return report(answer, generator, contenders, await interleave(contenders, rounds), notes)
    } finally {
      await Promise.all([generator, ...servers].map(child => child.stop()))
    }
  },
}

function contenderOf(
  name: string,
  child: ServerProcess,
  path: string,
  generator: Generator,
): Contender<ServingReading> {
  const request = { method: 'GET', headers: {} } as const
  return serving(name, child, generator, { url: child.url + path, connections: CONNECTIONS, request })
}

/** Returns the product whose JSON is closest to the wanted length, and where the target serves it. */
async function answerOf({ url }: ServerProcess): Promise<{ path: string; answer: string }> {
  let best: { path: string; answer: string } | undefined
  for (let id = 1; id <= LOOKED_AT; id++) {
    const path = `/products/${id}`
    const answer = await (await fetch(url + path)).text()
    if (best === undefined || distance(answer) < distance(best.answer)) best = { path, answer }
  }
  return best!
}

function distance(answer: string): number {
  return Math.abs(Buffer.byteLength(answer) - ANSWER_BYTES)
}

/** Installs a peer if it is not there yet, and starts it. @throws Error if it cannot be had, or gives another answer */
async function start(peer: PeerServer, answer: string): Promise<{ child: ServerProcess; path: string }> {
  const folder = join(cache, `${peer.name.replaceAll(' ', '-')}-${peer.version}`.toLowerCase())
  const isNew = mkdirSync(folder, { recursive: true }) !== undefined
  if (isNew) {
    process.stderr.write(`  ${peer.name} ${peer.version} is fetched from ${peer.registry} …\n`)
    try {
      await peer.install(folder)
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }
  const port = await freePort()
  const { command, path } = peer.serve(folder, port, answer)
  const child = await startProgram('server', command, { cwd: folder, url: `http://127.0.0.1:${port}`, path })
  const given = await (await fetch(child.url + path)).text()
  if (isSameJson(given, answer)) return { child, path }
  await child.stop()
  throw new Error(`it gave another answer: ${given.slice(0, 80)}`)
}

function isSameJson(given: string, wanted: string): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(given), JSON.parse(wanted))
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function warmUp(contenders: readonly Contender<ServingReading>[], { warmupRounds, seconds }: Rounds) {
  for (const contender of contenders) await contender.measure(seconds * Math.max(1, warmupRounds * WARM_UP_TURNS))
}

function report(
  answer: string,
  { name }: Generator,
  contenders: Contender<ServingReading>[],
  readings: ServingReading[][],
  notes: string[],
): BenchReport {
  const [target] = readings
  const ofTarget = ratesOf(target)
  const rows = contenders.map(({ name }, index) => {
    const rates = ratesOf(readings[index])
    const cpuUs = cpuUsOf(readings[index])
    const cells = [figure(median(rates)), range(rates, 0), figure(medianRatio(ofTarget, rates), 2)]
    return [name, ...cells, figure(median(cpuUs), 1), figure(medianRatio(cpuUs, cpuUsOf(target)), 2)]
  })
  const marks = contenders
    .slice(1)
    .map(({ name }, index) =>
      atLeast(`requests/s of the target ÷ ${name}`, ratios(ofTarget, ratesOf(readings[index + 1])), 1),
    )
  return {
    ...emptyReport(notes),
    tables: [
      {
        title: `A JSON answer of ${Buffer.byteLength(answer)} bytes over ${CONNECTIONS} connections by ${name}, each server on one core`,
        columns: ['server', 'requests/s', 'rounds', 'the target’s ÷ it', 'CPU µs/request', '÷ the target’s'],
        rows,
      },
    ],
    marks,
    readings: byName(contenders, readings),
  }
}
