/**
 * Observes what load tools report about a load of which everything is known, and writes it into the document that is named:
 * `npm run audit:tools -- [--rounds 5] [--only locust,hey] [document]`.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { audit } from '../audit.ts'
import { hasTool, withCompiled } from '../programs.ts'
import { type Observation, observationOf } from './observation.ts'
import { type ToolObservations, toolsMarkdown, withTools } from './report.ts'
import { inSituation, type Situation, situations } from './situations.ts'
import { pinnedVersions, type SteadyLoad, steadyLoads } from './steady-load.ts'

const ATTEMPTS = 3
const SETTINGS = { 'ledger.details': 'true', 'ledger.records': '200000' }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, only: { type: 'string' } },
})
const rounds = Number(values.rounds)
const only = values.only?.split(',')
const [path] = positionals
// Read before the rounds, which take minutes.
const document = path === undefined ? undefined : readFileSync(path, 'utf8')
if (document !== undefined) withTools(document, '')

const observed: ToolObservations[] = steadyLoads
  .filter(({ tool }) => only?.includes(tool) !== false && hasTool(tool))
  .map(load => ({ load, version: versionOf(load), delays: [], stall: [] }))
for (let round = 1; round <= rounds; round++) {
  // A tool a round, so that what else the machine does affects all alike.
  for (const observations of observed) {
    for (const situation of situations) {
      process.stderr.write(`round ${round} of ${rounds}: ${observations.load.tool}, ${situation.name} …\n`)
      const observation = await observe(observations.load, situation)
      if (observation !== undefined) observations[situation.name].push(observation)
    }
  }
  // A run that is broken off has written the rounds until then.
  if (path !== undefined) writeFileSync(path, withTools(document!, toolsMarkdown(observed)))
}
process.stdout.write(`${toolsMarkdown(observed)}\n`)

/** Returns undefined when all attempts failed, which is said. */
async function observe(load: SteadyLoad, situation: Situation): Promise<Observation | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      return await withCompiled(load.simulation, env =>
        inSituation(situation, SETTINGS, async url => {
          const options = ['--quiet', '--url', url, ...(load.options ?? [])]
          const command = load.command(situation.seconds)
          const { result } = await audit(command, options, { ...env, ...load.env?.(situation.seconds) })
          return observationOf(result, situation)
        }),
      )
    } catch (error) {
      process.stderr.write(`*** ${load.tool}, ${situation.name}: ${(error as Error).message} ***\n`)
    }
  }
  return undefined
}

function versionOf({ version }: SteadyLoad): string {
  if (version instanceof RegExp) return version.exec(pinnedVersions)?.[1] ?? 'unknown'
  const said = execFileSync('dpkg-query', ['-W', '-f', '${Version}', version.debianPackage], { encoding: 'utf8' })
  return `${said} (Debian)`
}
