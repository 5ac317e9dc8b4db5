import { existsSync, lstatSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { decodeText, UnreadableText } from '../core/text-file.ts'
import { plain } from '../harness/authoring/code/comment.ts'
import { kebabCase } from '../harness/authoring/code/names.ts'
import { scenariosFromOpenApi } from '../harness/authoring/openapi/write.ts'
import { firstScenario } from '../harness/authoring/project/first-scenario.ts'
import { manifest, tsconfig } from '../harness/authoring/project/project-files.ts'
import { scenarioFromRecording } from '../harness/authoring/recording/write.ts'
import { readSource } from '../harness/authoring/source.ts'
import { targetFor } from '../harness/authoring/target-hint.ts'
import { UnusableSource } from '../harness/authoring/unusable-source.ts'
import type { WrittenFiles } from '../harness/authoring/written-files.ts'
import { InputError } from './input-error.ts'
import { makeFolder, shortest } from './report-folder.ts'
import { absolute } from './scenario-file.ts'

export interface InitFlags {
  from?: string
  only: string[]
  tag: string[]
  host?: string
  static?: true
  file?: string
}

/** Largest document or recording. It is read whole, and takes several times its size in memory. */
const LARGEST_MIB = 128

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

function fromSource(path: string, flags: InitFlags): WrittenFiles {
  const text = readText(path)
  const base = fileName(
    flags.file ?? kebabCase(basename(path).replace(/(\.(json|ya?ml|har))+$/i, ''), 'scenario'),
  ).replace(/\.ts$/, '')
  try {
    const { kind, content } = readSource(text)
    if (kind === 'openapi') {
      if (flags.host !== undefined || flags.static)
        throw new UnusableSource('--host and --static are for recordings, and this is an OpenAPI document')
      return scenariosFromOpenApi(content, base, { only: flags.only, tags: flags.tag })
    }
    if (flags.tag.length > 0)
      throw new UnusableSource('--tag is for OpenAPI documents, and this is a recording', 'Choose with --only.')
    return scenarioFromRecording(content, base, {
      only: flags.only,
      host: flags.host,
      keepsStatic: flags.static === true,
    })
  } catch (error) {
    if (error instanceof UnusableSource) {
      // Names in a document may hold what a terminal would obey.
      throw new InputError(`${path}: ${plain(error.message)}`, error.nextStep && plain(error.nextStep))
    }
    throw error
  }
}

/** @throws InputError when the file cannot be read, or is too large. */
function readText(path: string): string {
  try {
    const { size } = statRegular(path)
    if (size > LARGEST_MIB * 1024 * 1024) {
      throw new InputError(
        `${path} has ${Math.round(size / 1024 / 1024)} MiB, and at most ${LARGEST_MIB} are read`,
        'Record again with the bodies of images, scripts and videos left out, or export only the requests that matter.',
      )
    }
    return decodeText(readFileSync(path))
  } catch (error) {
    if (error instanceof InputError) throw error
    const reason = error instanceof UnreadableText ? error.message.replace(/:.*/, '') : (error as Error).message
    throw new InputError(
      `${path} cannot be read: ${reason}`,
      'Give --from the path of an OpenAPI document or a HAR file.',
    )
  }
}

function statRegular(path: string): { size: number } {
  const stats = statSync(path)
  if (stats.isFile()) return stats
  throw new InputError(`${path} is not a file`, 'Give --from the path of an OpenAPI document or a HAR file.')
}

function fileName(name: string): string {
  if (/^[\w][\w.-]*$/.test(name) && !/\.(?!ts$)[a-z]+$/i.test(name)) return name.endsWith('.ts') ? name : `${name}.ts`
  throw new InputError(
    `expected --file to be a name such as orders.ts, got ${JSON.stringify(name)}`,
    'The folder is an argument of its own.',
  )
}

/** Returns the nearest package.json above the files, if Loadcell is installed there or it is in their folder. */
function projectOf(folder: string): string | undefined {
  if (isThere(join(folder, 'package.json'))) return folder
  for (let at = folder; dirname(at) !== at; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules/loadcell/package.json')) && existsSync(join(at, 'package.json'))) return at
  }
  return undefined
}

/** Tells whether the path exists, also as a dangling link. What cannot be looked at is left for the writing to report. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
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
