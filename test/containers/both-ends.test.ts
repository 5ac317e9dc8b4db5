import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  GenericContainer,
  getContainerRuntimeClient,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { RunResult } from '../../contract/run-result.ts'
import { buildImage, engineMissing, image } from './engine.ts'

const missing = engineMissing()
if (missing !== undefined) {
  process.stderr.write(
    `\n*** SKIPPED: the container suite needs a Docker engine, and there is none (${missing}) ***\n\n`,
  )
}

const controlToken = 'only-for-this-test'
const gigabyte = 1
const targetMemory = 0.25 * gigabyte

describe.skipIf(missing !== undefined)('target and harness in two containers', () => {
  let network: StartedNetwork
  let outFolder: string
  const started: StartedTestContainer[] = []

  beforeAll(async () => {
    await buildImage()
    network = await new Network().start()
    outFolder = mkdtempSync(join(tmpdir(), 'loadcell-containers-'))
    // The container's user is not ours.
    chmodSync(outFolder, 0o777)
  })

  afterEach(async () => {
    for (const container of started.splice(0)) await container.stop({ timeout: 1 }).catch(() => {})
  })

  afterAll(async () => {
    await network?.stop()
    if (outFolder) rmSync(outFolder, { recursive: true, force: true })
  })

  const startTarget = async () => {
    const target = await new GenericContainer(image)
      .withNetwork(network)
      .withNetworkAliases('target')
      .withEnvironment({ LOADCELL_CONTROL_TOKEN: controlToken })
      .withResourcesQuota({ memory: targetMemory, cpu: 1 })
      .withExposedPorts(8080)
      .withWaitStrategy(Wait.forHttp('/readyz', 8080))
      .start()
    started.push(target)
    return target
  }

  const startHarness = async (name: string, ...options: string[]) => {
    const harness = await new GenericContainer(image)
      .withNetwork(network)
      .withEnvironment({ LOADCELL_CONTROL_TOKEN: controlToken })
      .withResourcesQuota({ memory: 0.5 * gigabyte, cpu: 1 })
      .withBindMounts([{ source: outFolder, target: '/out' }])
      .withCommand(['run', 'mixed-streaming', '--target', 'http://target:8080', '--out', `/out/${name}`, ...options])
      .withWaitStrategy(Wait.forLogMessage(/running/i))
      .withAutoRemove(false)
      .start()
    started.push(harness)
    return harness
  }

  const exitCodeOf = async (container: StartedTestContainer): Promise<number> => {
    const client = await getContainerRuntimeClient()
    const { StatusCode } = (await client.container.getById(container.getId()).wait()) as { StatusCode: number }
    return StatusCode
  }

  const resultOf = (name: string): RunResult =>
    JSON.parse(readFileSync(join(outFolder, name, 'result.json'), 'utf8')) as RunResult

  it('reconciles to the last event under CPU and memory limits', async () => {
    await startTarget()
    const harness = await startHarness('clean', '--duration', '15s')

    const exitCode = await exitCodeOf(harness)

    const result = resultOf('clean')
    expect(result.reconciliation.rows.filter(({ difference }) => difference !== 0)).toEqual([])
    expect(result.reconciliation.state).toBe('agrees')
    expect(result.totals.events.accepted).toBeGreaterThan(100)
    expect(result.totals.events.delivered).toBeGreaterThan(result.totals.events.accepted)
    expect(result.totals.failedRequests).toBe(0)
    // A shared machine may make the generator late, and the run says so; everything else would be a defect.
    expect([0, 98, 99]).toContain(exitCode)
    expect(existsSync(join(outFolder, 'clean', 'report.html'))).toBe(true)
  })

  it('says that the target was lost when it is killed in mid-run, and still reports', async () => {
    const target = await startTarget()
    const harness = await startHarness('lost', '--duration', '60s', '--warmup', '1s')
    const client = await getContainerRuntimeClient()
    await new Promise(resolve => setTimeout(resolve, 8000))
    await client.container.getById(target.getId()).kill()

    const exitCode = await exitCodeOf(harness)

    const result = resultOf('lost')
    expect(exitCode).toBe(97)
    expect(result.outcome.state).toBe('target_lost')
    expect(result.outcome.detail).not.toBe('')
    expect(result.errors.length).toBeGreaterThan(0)
    expect(result.reconciliation.state).toBe('unavailable')
    expect(result.run.durationMs).toBeLessThan(55_000)
    expect(readFileSync(join(outFolder, 'lost', 'report.html'), 'utf8')).toContain('lost')
  })

  it('runs as somebody who is not root, and is healthy by its own healthcheck', async () => {
    const target = await startTarget()
    const { output } = await target.exec(['id', '-u'])
    expect(output.trim()).not.toBe('0')
    const client = await getContainerRuntimeClient()
    const health = async () => (await client.container.getById(target.getId()).inspect()).State.Health?.Status
    await expect.poll(health, { timeout: 30_000, interval: 500 }).toBe('healthy')
  })

  it('keeps the control plane closed to others without the token', async () => {
    const target = await startTarget()
    const url = `http://${target.getHost()}:${target.getMappedPort(8080)}/_loadcell/config`
    expect((await fetch(url)).status).toBe(403)
    expect((await fetch(url, { headers: { authorization: `Bearer ${controlToken}` } })).status).toBe(200)
  })
})
