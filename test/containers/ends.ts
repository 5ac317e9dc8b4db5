import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { GenericContainer, getContainerRuntimeClient, Network, type StartedNetwork, Wait } from 'testcontainers'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { LedgerReport } from '../../contract/ledger.ts'
import type { RunResult } from '../../harness/results/run-result.ts'
import { type Container, containerOf } from './container.ts'
import { buildImage, image } from './engine.ts'

const controlToken = 'only-for-this-test'
const GIGABYTE = 1
const targetUrl = 'http://target:8080'

export interface Target extends Container {
  /** Returns the response of the control plane to a request with the token. */
  ask<T>(path: string, method?: 'GET' | 'POST'): Promise<T>
  /** The run of this scenario that is under way or over, as soon as its first request has come. */
  runOf(scenario: string): Promise<string>
  ledger(run: string): Promise<LedgerReport>
}

export interface Harness extends Container {
  exitCode(): Promise<number>
  result(): RunResult
  report(): string
}

export interface ContainerOptions {
  /** A network by its name, in place of the one that all share. */
  network?: string
}

/** Both ends, each in a container with limits of its own. What a test starts is removed after it. */
export interface Ends {
  startTarget(settings?: Record<string, string>): Promise<Target>
  /** A target that nobody finds yet, to take the place of one that is gone. */
  startStandIn(settings?: Record<string, string>): Promise<Target & { stepIn(): Promise<void> }>
  /** Runs a ready scenario by its name, or one of `scenarios/` by its URL; resolves once it generates load. */
  startHarness(scenario: string | URL, args: string[], options?: ContainerOptions): Promise<Harness>
  /** Runs a client of another make, given the target's URL; resolves once it has written a line. */
  startClient(script: URL, options?: ContainerOptions): Promise<Container>
}

/** For a `describe`: builds the image before its tests, and clears up behind them. */
export function bothEnds(): Ends {
  const started: Container[] = []
  let harnesses = 0
  let shared: StartedNetwork | undefined
  let outFolder: string

  beforeAll(async () => {
    await buildImage()
    outFolder = mkdtempSync(join(tmpdir(), 'loadcell-containers-'))
    // The container's user is not ours.
    chmodSync(outFolder, 0o777)
    shared = await new Network().start()
  })
  afterEach(async () => {
    for (const container of started.splice(0).reverse()) await container.remove()
  })
  afterAll(async () => {
    await shared?.stop()
    if (outFolder) rmSync(outFolder, { recursive: true, force: true })
  })

  async function start(definition: GenericContainer): Promise<Container> {
    const container = await containerOf(await definition.withAutoRemove(false).start())
    started.push(container)
    return container
  }

  return {
    async startTarget(settings = {}) {
      return targetOf(await start(definitionOf(settings).withNetwork(shared!).withNetworkAliases('target')))
    },

    async startStandIn(settings = {}) {
      const container = await start(definitionOf(settings))
      const { network } = await getContainerRuntimeClient()
      return {
        ...targetOf(container),
        async stepIn() {
          const EndpointConfig = { Aliases: ['target'] }
          await network.getById(shared!.getId()).connect({ Container: container.docker.id, EndpointConfig })
        },
      }
    },

    async startHarness(scenario, options, { network = shared!.getName() } = {}) {
      harnesses += 1
      const out = `harness-${harnesses}`
      const definition = new GenericContainer(image)
        .withNetworkMode(network)
        .withEnvironment({ LOADCELL_CONTROL_TOKEN: controlToken })
        .withResourcesQuota({ memory: 0.5 * GIGABYTE, cpu: 1 })
        .withBindMounts([{ source: outFolder, target: '/out' }])
        .withWaitStrategy(Wait.forLogMessage(/running/i))
      const name = typeof scenario === 'string' ? scenario : copyInto(definition, scenario)
      definition.withCommand(['run', name, '--target', targetUrl, '--out', `/out/${out}`, ...options])
      const container = await start(definition)
      const read = (document: string) => readFileSync(join(outFolder, out, document), 'utf8')
      return {
        ...container,
        exitCode: async () => ((await container.docker.wait()) as { StatusCode: number }).StatusCode,
        result: () => JSON.parse(read('result.json')) as RunResult,
        report: () => read('report.html'),
      }
    },

    async startClient(script, { network = shared!.getName() } = {}) {
      const definition = new GenericContainer(image)
        .withNetworkMode(network)
        .withEntrypoint(['node'])
        .withWaitStrategy(Wait.forLogMessage(/./))
      return start(definition.withCommand([copyInto(definition, script), targetUrl]))
    },
  }
}

function definitionOf(settings: Record<string, string>): GenericContainer {
  const flags = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  return new GenericContainer(image)
    .withEnvironment({ LOADCELL_CONTROL_TOKEN: controlToken })
    .withResourcesQuota({ memory: 0.25 * GIGABYTE, cpu: 1 })
    .withCommand(['target', '--host', '0.0.0.0', ...flags])
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp('/readyz', 8080))
}

/** @returns where the file is in the container. */
function copyInto(definition: GenericContainer, { pathname }: URL): string {
  const target = `/given/${basename(pathname)}`
  definition.withCopyFilesToContainer([{ source: pathname, target, mode: 0o644 }])
  return target
}

function targetOf(container: Container): Target {
  const ask = async <T>(path: string, method = 'GET'): Promise<T> => {
    const url = `${await container.url(8080)}/_loadcell${path}`
    const answer = await fetch(url, { method, headers: { authorization: `Bearer ${controlToken}` } })
    if (answer.status !== 200) throw new Error(`${path}: expected 200, got ${answer.status}`)
    return (await answer.json()) as T
  }
  return {
    ...container,
    ask,
    ledger: run => ask(`/ledger?run=${run}`),
    async runOf(scenario) {
      for (;;) {
        const { runs } = await ask<{ runs: string[] }>('/runs')
        const found = runs.find(run => run.startsWith(`${scenario}-`) && !run.endsWith('~warmup'))
        if (found !== undefined) return found
        await delay(100)
      }
    },
  }
}
