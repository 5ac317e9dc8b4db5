import { existsSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { plain } from '../../harness/authoring/code/comment.ts'
import { firstScenario } from '../../harness/authoring/project/first-scenario.ts'
import { manifest, tsconfig } from '../../harness/authoring/project/project-files.ts'
import { targetFor } from '../../harness/authoring/target-hint.ts'
import type { WrittenFiles } from '../../harness/authoring/written-files.ts'
import { fileName, fromSource, type InitFlags } from './init-source.ts'
import { InputError } from '../process/input-error.ts'
import { isThere, makeFolder, shortest } from '../output/report-folder.ts'
import { absolute } from '../process/working-directory.ts'

/** Writes the files of `loadcell init`, all or none of them, and says what to do next. @throws InputError */
export function init(folderName: string, flags: InitFlags, version: string): void {
  const folder = absolute(folderName)
  const written = flags.from === undefined ? first(flags) : fromSource(flags.from, flags)
  const scenarios = [...written.files.keys()]
  const scripts = scriptsOf(written)
  const project = projectOf(folder)
  const files = new Map(written.files)
  if (!isThere(join(folder, 'tsconfig.json'))) files.set('tsconfig.json', tsconfig())
  if (project === undefined) files.set('package.json', manifest(basename(folder), scripts, version))
  writeAll(folder, files, scenarios)
  tell({ folder, files: [...files.keys()], written, project, scripts })
}

function first(flags: InitFlags): WrittenFiles {
  const needless = [...(flags.only.length > 0 ? ['--only'] : []), ...(flags.tag.length > 0 ? ['--tag'] : [])]
  const others = [...needless, ...(flags.host === undefined ? [] : ['--host']), ...(flags.static ? ['--static'] : [])]
  if (others.length > 0)
    throw new InputError(`${others.join(' and ')} need --from, which names a document or recording`)
  const file = fileName(flags.file ?? 'scenario.ts')
  const summary = 'a first scenario, which runs against the embedded target'
  return { files: new Map([[file, firstScenario(file)]]), summary, notes: [], variables: [], target: undefined }
}

/** Returns the nearest package.json above the files, if Loadcell is installed there or it is in their folder. */
function projectOf(folder: string): string | undefined {
  if (isThere(join(folder, 'package.json'))) return folder
  for (let at = folder; dirname(at) !== at; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules/loadcell/package.json')) && existsSync(join(at, 'package.json'))) return at
  }
  return undefined
}

/** Writes all files, or none if one of them exists or cannot be written. */
function writeAll(folder: string, files: ReadonlyMap<string, string>, scenarios: readonly string[]): void {
  const existing = [...files.keys()].filter(name => isThere(join(folder, name)))
  if (existing.length > 0) {
    const several = scenarios.length > 1
    throw new InputError(
      `${existing.map(name => shortest(join(folder, name))).join(', ')} exist${existing.length > 1 ? '' : 's'} already, and nothing was written`,
      several
        ? 'Give another folder, or move the files.'
        : 'Give the scenario another name with --file, give another folder, or move the file.',
    )
  }
  const done: string[] = []
  let made: string | undefined
  try {
    made = makeFolder(folder)
    for (const [name, text] of files) {
      const path = join(folder, name)
      writeFileSync(path, text, { flag: 'wx' })
      done.push(path)
    }
  } catch (error) {
    for (const path of done) rmSync(path, { force: true })
    if (made !== undefined) for (let at = folder; at.length >= made.length; at = dirname(at)) rmdirSync(at)
    throw new InputError(
      `the folder ${folder} cannot be written to: ${(error as Error).message}`,
      'Give another folder.',
    )
  }
}

/** Returns the scripts of a package.json: one for each scenario, and one for the types. */
function scriptsOf(written: WrittenFiles): Record<string, string> {
  const scenarios = [...written.files.keys()]
  const loads = scenarios.map(file => [
    scenarios.length === 1 ? 'load' : `load:${file.replace(/\.ts$/, '')}`,
    `loadcell run ${runArguments(written, file)}`,
  ])
  return { ...Object.fromEntries(loads), types: 'tsc --noEmit' }
}

function runArguments({ target }: WrittenFiles, scenario: string): string {
  return target === undefined ? scenario : `${scenario} --target ${targetFor(target)}`
}

interface Told {
  folder: string
  files: readonly string[]
  written: WrittenFiles
  project: string | undefined
  scripts: Readonly<Record<string, string>>
}

function tell({ folder, files, written, project, scripts }: Told): void {
  const place = shortest(folder)
  const inFolder = (name: string) => (place === '' ? name : join(place, name))
  const lines = [
    `Wrote ${plain(written.summary)}:`,
    ...files.map(name => `  ${inFolder(name)}`),
    ...written.notes.map(note => `- ${plain(note)}`),
  ]
  if (written.variables.length > 0) {
    lines.push(
      '',
      'Secrets were left out. Set these before you run it:',
      ...written.variables.map(name => `  export ${name}=…`),
    )
  }
  const [first] = [...written.files.keys()] as [string]
  const kept = ['tsconfig.json', 'package.json'].filter(name => !files.includes(name))
  if (kept.length > 0) lines.push('', `${kept.join(' and ')} ${kept.length > 1 ? 'were' : 'was'} left as before.`)
  lines.push('', 'Next:')
  if (project === undefined) {
    const [load] = Object.keys(scripts)
    lines.push(`  ${place === '' ? '' : `cd ${place} && `}npm install`, '  npm run types', `  npm run ${load}`)
  } else {
    const at = relative(project, folder)
    const run = `loadcell run ${runArguments(written, join(at, first))}`
    const types = at === '' ? scripts['types']! : `${scripts['types']} --project ${at}`
    lines.push(`  npx ${run}`, `  npx ${types}     (needs: npm install --save-dev typescript)`)
    lines.push('To add scripts to package.json:', `  npm pkg set "scripts.load=${run}" "scripts.types=${types}"`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}
