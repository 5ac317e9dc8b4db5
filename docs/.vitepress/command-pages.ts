import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import type { GeneratedPage } from './scenario-pages.ts'

/** Returns a page for each command, as the command line describes itself. */
export async function commandPages(): Promise<GeneratedPage[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [resolve(import.meta.dirname, 'print-commands.ts')])
  return JSON.parse(stdout) as GeneratedPage[]
}
