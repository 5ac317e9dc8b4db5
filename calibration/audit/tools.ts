import { ab } from './tools/ab.ts'
import { artillery } from './tools/artillery.ts'
import { autocannon } from './tools/autocannon.ts'
import { bombardier } from './tools/bombardier.ts'
import { fortio } from './tools/fortio.ts'
import { gatling } from './tools/gatling.ts'
import { hey } from './tools/hey.ts'
import { jmeter } from './tools/jmeter.ts'
import { k6 } from './tools/k6.ts'
import { loadcell } from './tools/loadcell.ts'
import { locust } from './tools/locust.ts'
import { oha } from './tools/oha.ts'
import { siege } from './tools/siege.ts'
import { tsung } from './tools/tsung.ts'
import { vegeta } from './tools/vegeta.ts'
import { wrk } from './tools/wrk.ts'
import { programName } from './reading/command-options.ts'
import { type ReportSource, type Tool, ReportError } from './tool.ts'

/** Load tools whose reports can be read, by name. */
export const tools: readonly Tool[] = [
  locust,
  artillery,
  autocannon,
  vegeta,
  jmeter,
  gatling,
  wrk,
  hey,
  ab,
  oha,
  bombardier,
  siege,
  tsung,
  fortio,
  k6,
  loadcell,
]

/** Programs that start another one, whose name is their first argument that is no option. */
const LAUNCHERS = new Set([
  'npx',
  'bunx',
  'pnpx',
  'uvx',
  'pipx',
  'env',
  'nice',
  'taskset',
  'time',
  'timeout',
  'sudo',
  'flock',
  'stdbuf',
  'python',
  'python3',
  'npm',
  'yarn',
  'pnpm',
  'uv',
  'poetry',
  'pipenv',
  'node',
  'java',
  'mvn',
  'mvnw',
  'gradle',
  'gradlew',
])

/** How far into the arguments of a launcher a tool is looked for: past its own options, before the script's. */
const LAUNCHER_ARGUMENTS = 30

/** Returns the tool that a command starts, itself or through a launcher such as `npx` or `python -m`. */
export function toolOf(program: string, args: readonly string[] = []): Tool | undefined {
  const direct = startedBy(program)
  if (direct !== undefined || !LAUNCHERS.has(programName(program))) return direct
  for (const argument of args.slice(0, LAUNCHER_ARGUMENTS)) {
    const tool = startedBy(argument)
    if (tool !== undefined) return tool
  }
  return undefined
}

/** @throws ReportError when no tool has this name. */
export function toolNamed(name: string): Tool {
  const tool = tools.find(candidate => candidate.name === name.toLowerCase())
  if (tool === undefined) throw new ReportError(`There is no reader for the reports of "${name}". ${knownFormats()}`)
  return tool
}

/**
 * Returns the tool that wrote a report, by its content.
 *
 * @throws ReportError when it looks like no known format, or like those of several tools.
 */
export function recognize(sources: readonly ReportSource[]): Tool {
  const candidates = tools.filter(tool => sources.some(source => tool.recognizes(source)))
  const [tool, ...others] = candidates
  const names = sources.map(source => source.name).join(', ')
  if (tool === undefined)
    throw new ReportError(`${names === '' ? 'There is no report' : `${names}: no known report`}. ${knownFormats()}`)
  if (others.length > 0) {
    throw new ReportError(
      `${names}: looks like a report of ${candidates.map(candidate => candidate.name).join(' and of ')}. Name the tool with --tool.`,
    )
  }
  return tool
}

/** Says which tools and formats can be read, one a line. */
export function knownFormats(): string {
  return ['Known reports:', ...tools.map(({ name, formats }) => `  ${name}: ${formats.join(', ')}`)].join('\n')
}

function startedBy(program: string): Tool | undefined {
  const name = programName(program)
  return tools.find(tool => tool.programs.includes(name))
}
