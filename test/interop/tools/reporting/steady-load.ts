import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** A tool that sends the same request for as long as it is told. */
export interface SteadyLoad {
  tool: string
  /** Whether its requests come at a rate, 50 a second, or from 5 users without a pause. */
  model: 'open' | 'closed'
  command(seconds: number): string[]
  /** Options of the audit. */
  options?: string[]
  env?(seconds: number): Record<string, string>
  simulation?: string
  /** Finds its version in the script that installs it; Debian's is asked for by its package. */
  version: RegExp | { debianPackage: string }
}

const ONE = '{target}/api/v1/products/1'

export const steadyLoads: SteadyLoad[] = [
  {
    tool: 'locust',
    model: 'closed',
    command: seconds => locust('locust', seconds),
    version: /locust==([\d.]+)/,
  },
  {
    tool: 'locust-debian',
    model: 'closed',
    command: seconds => locust('/usr/bin/locust', seconds),
    version: { debianPackage: 'python3-locust' },
  },
  {
    tool: 'artillery',
    model: 'open',
    command: seconds => [
      'artillery',
      'run',
      '--overrides',
      JSON.stringify({ config: { phases: [{ duration: seconds, arrivalRate: 50 }] } }),
      script('artillery.yml'),
    ],
    version: /artillery@([\d.]+)/,
  },
  {
    tool: 'autocannon',
    model: 'closed',
    command: seconds => words(`autocannon -c 5 -d ${seconds} ${ONE}`),
    version: /"autocannon@([\d.]+)/,
  },
  {
    tool: 'vegeta',
    model: 'open',
    command: () => [script('vegeta.sh')],
    options: ['--tool', 'vegeta'],
    env: seconds => ({ SECONDS_OF_LOAD: String(seconds) }),
    version: /vegeta\/v12@v([\d.]+)/,
  },
  {
    tool: 'wrk',
    model: 'closed',
    command: s => words(`wrk -t 1 -c 5 -d ${s}s ${ONE}`),
    version: { debianPackage: 'wrk' },
  },
  { tool: 'hey', model: 'closed', command: s => words(`hey -c 5 -z ${s}s ${ONE}`), version: /hey@v([\d.]+)/ },
  {
    tool: 'ab',
    model: 'closed',
    command: seconds => words(`ab -k -l -c 5 -t ${seconds} -n 10000000 ${ONE}`),
    version: { debianPackage: 'apache2-utils' },
  },
  { tool: 'oha', model: 'closed', command: s => words(`oha -c 5 -z ${s}s ${ONE}`), version: /oha@([\d.]+)/ },
  {
    tool: 'bombardier',
    model: 'closed',
    command: seconds => words(`bombardier -c 5 -t 10s -d ${seconds}s ${ONE}`),
    version: /bombardier@v([\d.]+)/,
  },
  {
    tool: 'jmeter',
    model: 'closed',
    command: seconds => ['jmeter', '-n', '-t', script('jmeter.jmx'), `-Jseconds=${seconds}`],
    version: /jmeter version=([\d.]+)/,
  },
  {
    tool: 'gatling',
    model: 'open',
    command: () => ['gatling', '-s', 'Steady'],
    env: seconds => ({ SECONDS_OF_LOAD: String(seconds) }),
    simulation: script('Steady.java'),
    version: /gatling-charts-highcharts:([\d.]+)/,
  },
]

/** The script that names the versions, and the project's own dependencies. */
export const pinnedVersions = [
  readFileSync(resolve(import.meta.dirname, '../install'), 'utf8'),
  readFileSync(resolve(import.meta.dirname, '../../../../package.json'), 'utf8').replaceAll('": "', '@'),
].join('\n')

function script(path: string): string {
  return resolve(import.meta.dirname, path)
}

function words(command: string): string[] {
  return command.split(' ')
}

function locust(program: string, seconds: number): string[] {
  return [program, '-f', script('locustfile.py'), ...words(`--headless --only-summary -u 5 -r 5 -t ${seconds}s`)]
}
