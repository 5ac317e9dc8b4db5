import type { LoadOrder, LoadReading } from './load-order.ts'
import { startChild } from './process.ts'
import { runWrk, wrkIsHere } from './wrk.ts'

export interface Generator {
  name: string
  drive: (order: LoadOrder) => Promise<LoadReading>
  stop: () => Promise<void>
}

/**
 * wrk where the machine has it, our own loop where not.
 * @param atOnce most orders that are carried out at the same time.
 */
export async function leanestGenerator(atOnce = 1): Promise<Generator> {
  if (wrkIsHere()) return { name: 'wrk', drive: runWrk, stop: () => Promise.resolve() }
  const [name, module] = ['undici dispatch', new URL('floors/undici-dispatch.ts', import.meta.url)] as const
  const generators = await Promise.all(Array.from({ length: atOnce }, () => startGenerator(name, module)))
  const free = [...generators]
  return {
    name,
    async drive(order) {
      const generator = free.pop()
      if (generator === undefined) throw new Error(`expected at most ${atOnce} orders at once`)
      try {
        return await generator.drive(order)
      } finally {
        free.push(generator)
      }
    },
    async stop() {
      await Promise.all(generators.map(generator => generator.stop()))
    },
  }
}

export async function startGenerator(name: string, module: URL): Promise<Generator> {
  const child = await startChild('generator', module)
  return { name, drive: order => child.ask(order), stop: child.stop }
}

/** Runs `send`, which says whether the answer was good, on every connection again and again until the time is up. */
export async function driveConnections(
  { connections, seconds }: LoadOrder,
  send: () => Promise<boolean>,
): Promise<LoadReading> {
  let requests = 0
  let failed = 0
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const endsAt = startedAt + seconds * 1000
  const connection = async () => {
    while (performance.now() < endsAt) {
      if (!(await send())) failed++
      requests++
    }
  }
  await Promise.all(Array.from({ length: connections }, connection))
  return { requests, failed, ...elapsed(startedAt, cpuBefore) }
}

/** @throws Error when there was nothing to measure, or something else was measured. */
export function expectAnswers(name: string, { requests, failed }: LoadReading): void {
  if (requests === 0) throw new Error(`${name}: nothing was answered; something holds this machine up`)
  if (failed > 0) throw new Error(`${name}: ${failed} of ${requests} requests failed`)
}

/** Returns the time that has passed and the CPU time of this process since then. */
export function elapsed(startedAt: number, cpuBefore: NodeJS.CpuUsage): { seconds: number; cpuSeconds: number } {
  const cpu = process.cpuUsage(cpuBefore)
  return { seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (cpu.user + cpu.system) / 1e6 }
}
