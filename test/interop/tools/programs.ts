import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'

const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
/** The folder that `install` fills. */
const tools = process.env['LOADCELL_TEST_TOOLS'] ?? join(cache, 'loadcell-tools')
const installed = join(tools, 'bin')
const ours = resolve(import.meta.dirname, '../../../node_modules/.bin')

/** Has the load tools first, and then those that Loadcell itself depends on. */
export const searchPath = [installed, ours, process.env['PATH']].join(delimiter)

/** Returns the path of a tool, whether or not it is there. */
export function toolPath(name: string): string {
  return join(installed, name)
}

/** Whether a tool is there; if not, that is said aloud. */
export function hasTool(name: string): boolean {
  if ([installed, ours].some(folder => isExecutable(join(folder, name)))) return true
  process.stderr.write(
    `\n!!! SKIPPED: there is no ${name} in ${installed} (test/interop/tools/install ${name}). It was not audited.\n\n`,
  )
  return false
}

/** Compiles a simulation of Gatling, if there is one, and gives `use` the environment in which Gatling finds it. */
export async function withCompiled<T>(source: string | undefined, use: (env: object) => Promise<T>): Promise<T> {
  if (source === undefined) return use({})
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-gatling-'))
  try {
    const libraries = join(tools, 'gatling/lib/*')
    const { status, stderr } = spawnSync('javac', ['-d', folder, '-cp', libraries, source], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`javac cannot compile ${source}: ${stderr}`)
    return await use({ CLASSPATH: folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
