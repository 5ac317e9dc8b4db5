import { describe, expect, it } from 'vitest'
import { loadcell, startLoadcell, writeScenario } from './loadcell.ts'
import { withoutPackages } from './without-packages.ts'

const scenario = writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({ load: { executor: 'constant-vus', vus: 2, duration: '1s' }, users: [user('v', { iterate: () => {} })] })
`)

describe.concurrent('a cluster', () => {
  it('is described by the help of its commands', async () => {
    const [worker, run] = await Promise.all([loadcell(['worker', '--help']), loadcell(['run', '--help'])])
    for (const flag of ['--cluster <url>', '--cluster-name', '--cluster-creds', '--place', '--once'])
      expect(worker.output).toContain(flag)
    for (const flag of ['--cluster <url>', '--cluster-wait', '--cluster-lost-after', '--ship', '--bundle-limit'])
      expect(run.output).toContain(flag)
    expect([worker.code, run.code]).toEqual([0, 0])
  })

  it.each([
    ['a worker without a cluster', ['worker'], /loadcell worker needs the cluster that it works for/],
    [
      'a worker with a URL that is not of NATS',
      ['worker', '--cluster', 'http://kim:s3cret@x'],
      /--cluster: expected nats:\/\/host:port or tls:\/\/host:port/,
    ],
    ['a worker with a bad name of a cluster', ['worker', '--cluster-name', 'a.b'], /expected letters, digits, _ and -/],
    [
      'a worker with a name for no message',
      ['worker', '--name', 'w'.repeat(300)],
      /expected a name of 1 to 256 characters, got 300/,
    ],
    ['a run without a number of workers', ['run', scenario, '--cluster', 'x'], /--cluster needs the number of workers/],
    [
      'a run with more workers than users',
      ['run', scenario, '--cluster', 'nats://127.0.0.1:1', '--workers', '3'],
      /users and arrivals for 2 workers only/,
    ],
    [
      'a run where there is no NATS',
      ['run', scenario, '--cluster', 'nats://kim:s3cret@127.0.0.1:1', '--workers', '2'],
      /NATS at nats:\/\/127\.0\.0\.1:1 cannot be reached: ECONNREFUSED/,
    ],
    [
      'a run with a bundle that is too large',
      ['run', scenario, '--cluster', 'nats://127.0.0.1:1', '--workers', '2', '--bundle-limit', '0.00001'],
      /larger than .* MiB: .*scenario\.ts goes beyond it; --bundle-limit/,
    ],
    [
      'a run that ships a file that is missing',
      ['run', scenario, '--cluster', 'nats://127.0.0.1:1', '--workers', '2', '--ship', 'nowhere'],
      /nowhere cannot be shipped: ENOENT/,
    ],
    [
      'options of a cluster without one',
      ['run', scenario, '--ship', 'x', '--cluster-wait', '5s'],
      /--cluster-wait and --ship: there is no cluster/,
    ],
    ['a run of one iteration', ['run', scenario, '--once', '--cluster', 'nats://127.0.0.1:1'], /--cluster/],
    ['a run with a duration that is too short', ['run', scenario, '--cluster-lost-after', '10ms'], /from 1s to 1h/],
  ])('refuses %s', async (_what, args, message) => {
    const { code, output } = await loadcell(args)
    expect(output).toMatch(message)
    expect(output).not.toContain('s3cret')
    expect(code).toBe(104)
  })

  it('lets a worker wait for a server that is not there yet', async ({ onTestFinished }) => {
    const worker = startLoadcell(['worker', '--cluster', 'nats://127.0.0.1:1'])
    onTestFinished(() => void worker.child.kill('SIGKILL'))
    await worker.said(/NATS at nats:\/\/127\.0\.0\.1:1 cannot be reached: ECONNREFUSED; trying again/)
    worker.child.kill('SIGTERM')
    expect((await worker.finished).code).toBe(0)
  })

  it('names the packages that are missing', async () => {
    const env = withoutPackages('@nats-io/')
    const { code, output } = await loadcell(['worker', '--cluster', 'nats://127.0.0.1:1'], { env })
    expect(output).toMatch(
      /--cluster needs the packages of NATS, which are not installed\n {2}Install them beside loadcell: npm install --save-dev @nats-io\/transport-node @nats-io\/jetstream/,
    )
    expect(code).toBe(104)
  })
})
