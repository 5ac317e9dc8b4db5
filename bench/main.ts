import { parseArgs } from 'node:util'
import { connect } from './benchmarks/connect.ts'
import { fanout } from './benchmarks/fanout.ts'
import { coordinator } from './benchmarks/coordinator.ts'
import { delays } from './benchmarks/delays.ts'
import { faults } from './benchmarks/faults.ts'
import { fixedDelay } from './benchmarks/fixed-delay.ts'
import { graphql } from './benchmarks/graphql.ts'
import { harness } from './benchmarks/harness.ts'
import { idle } from './benchmarks/idle.ts'
import { lateness } from './benchmarks/lateness.ts'
import { peers } from './benchmarks/peers.ts'
import { publish } from './benchmarks/publish.ts'
import { receive } from './benchmarks/receive.ts'
import { rest } from './benchmarks/rest.ts'
import { tokens } from './benchmarks/tokens.ts'
import { secure } from './benchmarks/secure.ts'
import { grpc } from './benchmarks/grpc.ts'
import { start } from './benchmarks/start.ts'
import { socketio, stomp } from './benchmarks/room-fanout.ts'
import { busyShare, describeMachine } from './processes/machine.ts'
import { writeIntoDocument } from './measurement/document.ts'
import { type Bench, figure, renderReport, writeReport } from './measurement/report.ts'
import type { Rounds } from './measurement/rounds.ts'

const benches: Bench[] = [
  publish,
  rest,
  peers,
  faults,
  delays,
  fixedDelay,
  harness,
  fanout,
  receive,
  connect,
  idle,
  lateness,
  secure,
  graphql,
  socketio,
  stomp,
  grpc,
  coordinator,
  tokens,
  start,
]

/** Share of all cores in use by other processes above which the numbers come with a warning. */
const BUSY = 0.1

const help = `npm run bench -- [names…] [--rounds 5] [--seconds 3] [--quick] [--write]

${benches.map(({ name, description }) => `  ${name.padEnd(12)}${description}`).join('\n')}

--rounds   measured rounds of each contender, interleaved; medians are reported
--seconds  length of each contender's turn in a round
--quick    check that everything runs, in one cold round of one second; ignore the numbers
--write    put the tables into docs/benchmarks.md too, where it has a place for them: peers, idle

It measures and says which marks hold. It is not a test: the exit code is 0 either way.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(help)
else await main()

async function main(): Promise<void> {
  const rounds: Rounds = values.quick
    ? { warmupRounds: 0, rounds: 1, seconds: 1 }
    : { warmupRounds: 1, rounds: positive('rounds', values.rounds), seconds: positive('seconds', values.seconds) }
  const wanted = chosen(positionals)
  const machine = describeMachine()
  process.stdout.write(`${machine}\n${rounds.rounds} rounds of ${rounds.seconds} s\n`)
  for (const bench of wanted) {
    process.stdout.write(`\n══ ${bench.name}: ${bench.description}\n\n`)
    const busyBefore = await busyShare()
    if (busyBefore > BUSY)
      process.stdout.write(`  Other processes use ${figure(busyBefore * 100)} % of this machine: expect noise.\n\n`)
    const report = await bench.run(rounds)
    const circumstances = { ...rounds, machine, busyBefore }
    process.stdout.write(`${renderReport(report)}\n\n  ${writeReport(bench.name, circumstances, report)}\n`)
    if (values.write) process.stdout.write(`  ${writeIntoDocument(bench.name, circumstances, report)}\n`)
  }
}

function chosen(names: string[]): Bench[] {
  const unknown = names.filter(name => !benches.some(bench => bench.name === name))
  if (unknown.length > 0) fail(`expected ${benches.map(({ name }) => name).join(', ')}; got ${unknown.join(', ')}`)
  return names.length === 0 ? benches : benches.filter(({ name }) => names.includes(name))
}

function positive(flag: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) fail(`--${flag}: expected an integer from 1, got ${JSON.stringify(text)}`)
  return value
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}
