import type { Generator } from './load.ts'
import type { Child, ServerAddress } from './process.ts'
import type { Contender } from './rounds.ts'
import { cpuUsOf, serving } from './serving.ts'

/** CPU time a request of two servers, in the same moments on the same core. */
export interface PairedReading {
  subjectCpuUs: number
  /** The subject's over the ground's. */
  ratio: number
}

export type Server = Child<ServerAddress>

/**
 * Drives two servers at once: what the machine does to one in these seconds it does to the other, to the millisecond. For two
 * that run the same code: of others, the larger suffers more from sharing the core's caches.
 */
export async function measurePair(
  generator: Generator,
  { subject, ground }: { subject: Server; ground: Server },
  { path, connections }: { path: string; connections: number },
  seconds: number,
): Promise<PairedReading> {
  const readings = await Promise.all(
    Object.entries({ subject, ground }).map(([name, server]) =>
      serving(name, server, generator, { url: server.ready.url + path, connections }).measure(seconds),
    ),
  )
  const [subjectCpuUs, groundCpuUs] = cpuUsOf(readings) as [number, number]
  return { subjectCpuUs, ratio: subjectCpuUs / groundCpuUs }
}

/**
 * Two servers that are alike, of which now the one, now the other is made the subject by `prepare`: what one process has over the
 * other by chance falls out of the ratio.
 */
export function swapping(
  name: string,
  [one, other]: readonly [Server, Server],
  prepare: (servers: { subject: Server; ground: Server }) => Promise<void>,
  measure: (servers: { subject: Server; ground: Server }, seconds: number) => Promise<PairedReading>,
): Contender<PairedReading> {
  return {
    name,
    async measure(seconds) {
      const readings: PairedReading[] = []
      for (const servers of [
        { subject: one, ground: other },
        { subject: other, ground: one },
      ]) {
        await prepare(servers)
        readings.push(await measure(servers, seconds))
      }
      const [first, second] = readings as [PairedReading, PairedReading]
      return {
        subjectCpuUs: (first.subjectCpuUs + second.subjectCpuUs) / 2,
        ratio: Math.sqrt(first.ratio * second.ratio),
      }
    },
  }
}
