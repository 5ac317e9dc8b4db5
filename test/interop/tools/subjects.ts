import { resolve } from 'node:path'

/** A load script, how it is started, and what an audit should find about it. */
export interface Subject {
  /** Name in the folder of installed tools. */
  tool: string
  title: string
  command: string[]
  options?: string[]
  /** Java source to compile first. */
  simulation?: string
  /** Ids of findings about mistakes that were planted in the script; none for a sound one. */
  planted: string[]
  /** Ids of findings that a sound script of this tool cannot avoid. */
  unavoidable?: string[]
}

const PRODUCTS = '{target}/api/v1/products'
const LIMITED = ['--target-set', 'rateLimits.rules=[{name: all, by: client, requests: 20}]']
/** Debian's, whose name is that of the current one. */
const OLD_LOCUST = '/usr/bin/locust'

export const subjects: Subject[] = [
  {
    tool: 'locust',
    title: 'a sound script of Locust',
    command: locust('locust', 'sound.py', '-u 9 -r 3 -t 4s --stop-timeout 5'),
    planted: [],
  },
  {
    tool: 'locust',
    title: 'a Locust script with a token and one event for each request',
    command: locust('locust', 'flawed.py', '-u 6 -r 6 -t 4s'),
    planted: ['token-per-request', 'repeated-event-ids', 'identical-bodies', 'no-think-time'],
  },
  {
    tool: 'locust-debian',
    title: 'a sound script of an old Locust',
    command: locust(OLD_LOCUST, 'sound.py', '-u 9 -r 3 -t 4s --stop-timeout 5'),
    planted: [],
  },
  {
    tool: 'locust-debian',
    title: 'an old Locust’s script that forgets its jobs',
    command: locust(OLD_LOCUST, 'forgetful.py', '-u 6 -r 6 -t 4s'),
    planted: ['unpolled-jobs', 'unmatched-paths', 'connection-per-request', 'identical-bodies'],
  },
  {
    tool: 'artillery',
    title: 'a sound script of Artillery',
    command: ['artillery', 'run', script('artillery/sound.yml')],
    planted: [],
  },
  {
    tool: 'artillery',
    title: 'an Artillery script with a user for each request',
    command: ['artillery', 'run', script('artillery/flawed.yml')],
    planted: ['unmatched-paths', 'connection-per-request', 'few-ids'],
  },
  {
    tool: 'autocannon',
    title: 'autocannon with defaults',
    command: ['autocannon', '-c', '5', '-d', '3', PRODUCTS],
    planted: ['simultaneous-start', 'no-think-time', 'single-operation'],
  },
  {
    tool: 'autocannon',
    title: 'autocannon with one body',
    command: words(
      'autocannon -c 8 -d 3 -m POST -H content-type=application/json -b {"title":"one"} {target}/api/v1/tasks',
    ),
    planted: ['identical-bodies', 'leftover-data', 'simultaneous-start', 'no-think-time'],
  },
  {
    tool: 'vegeta',
    title: 'a sound script of Vegeta',
    command: [script('vegeta/sound.sh')],
    options: ['--tool', 'vegeta'],
    planted: [],
  },
  {
    tool: 'vegeta',
    title: 'a Vegeta script that closes its connections',
    command: [script('vegeta/flawed.sh')],
    options: ['--tool', 'vegeta'],
    planted: ['unmatched-paths', 'connection-per-request', 'few-ids'],
  },
  {
    tool: 'wrk',
    title: 'a sound script of wrk',
    command: ['wrk', '-t', '1', '-c', '20', '-d', '4s', '-s', script('wrk/sound.lua'), '{target}'],
    planted: [],
  },
  {
    tool: 'wrk',
    title: 'a wrk script with one Idempotency-Key',
    command: ['wrk', '-t', '1', '-c', '8', '-d', '3s', '-s', script('wrk/flawed.lua'), '{target}/api/v1/tasks'],
    planted: ['reused-idempotency-key', 'no-think-time', 'simultaneous-start'],
  },
  {
    tool: 'hey',
    title: 'hey with defaults',
    command: ['hey', '-c', '5', '-z', '3s', PRODUCTS],
    planted: ['simultaneous-start', 'no-think-time', 'few-queries'],
  },
  {
    tool: 'hey',
    title: 'hey without a token and without keep-alive',
    command: words('hey -disable-keepalive -c 5 -n 100 {target}/api/v1/users/me'),
    planted: ['ignored-401', 'connection-per-request'],
  },
  {
    tool: 'ab',
    title: 'ab with keep-alive',
    command: words(`ab -k -l -c 5 -t 3 -n 100000 ${PRODUCTS}`),
    planted: ['no-think-time', 'few-queries'],
  },
  {
    tool: 'ab',
    title: 'ab with defaults',
    command: words(`ab -c 5 -n 200 ${PRODUCTS}/1`),
    planted: ['connection-per-request', 'few-ids'],
  },
  {
    tool: 'bombardier',
    title: 'bombardier with defaults',
    command: words(`bombardier -c 5 -d 3s ${PRODUCTS}`),
    planted: ['simultaneous-start', 'no-think-time', 'few-queries'],
  },
  {
    tool: 'bombardier',
    title: 'bombardier against a rate limit',
    command: words(`bombardier -c 5 -d 3s ${PRODUCTS}/1`),
    options: LIMITED,
    planted: ['ignored-retry-after', 'few-ids'],
  },
  {
    tool: 'oha',
    title: 'oha with a rate and varied ids',
    command: words('oha --no-tui -c 12 -q 20 -n 80 --rand-regex-url {target}/api/v1/products/[1-9][0-9]{0,2}'),
    planted: [],
    unavoidable: ['constant-think-time'],
  },
  {
    tool: 'oha',
    title: 'oha with defaults',
    command: words(`oha -c 5 -z 3s ${PRODUCTS}`),
    planted: ['simultaneous-start', 'no-think-time', 'few-queries'],
  },
  {
    tool: 'oha',
    title: 'oha against a rate limit',
    command: words(`oha --no-tui -c 5 -z 3s ${PRODUCTS}/1`),
    options: LIMITED,
    planted: ['ignored-retry-after', 'few-ids'],
  },
  {
    tool: 'jmeter',
    title: 'a sound plan of JMeter',
    command: ['jmeter', '-n', '-t', script('jmeter/sound.jmx')],
    planted: [],
  },
  {
    tool: 'gatling',
    title: 'a Gatling simulation whose users come at once',
    command: ['gatling', '-s', 'Flawed'],
    simulation: script('gatling/Flawed.java'),
    planted: ['simultaneous-start', 'unmatched-paths', 'leftover-data', 'identical-bodies'],
  },
]

function script(path: string): string {
  return resolve(import.meta.dirname, path)
}

function words(command: string): string[] {
  return command.split(' ')
}

function locust(program: string, file: string, load: string): string[] {
  return [program, '-f', script(`locust/${file}`), '--headless', '--only-summary', ...words(load)]
}
