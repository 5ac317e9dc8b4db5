import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { AuditResult } from '../../../calibration/audit/audit-result.ts'
import { searchPath } from './programs.ts'

const main = resolve(import.meta.dirname, '../../../cli/main.js')

export interface Audit {
  result: AuditResult
  exitCode: number | null
  /** All that was printed, for the messages of failed assertions. */
  output: string
}

/** Runs `loadcell audit` on a command, in an empty folder and with the load tools on the path. */
export async function audit(command: readonly string[], options: readonly string[], env = {}): Promise<Audit> {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-interop-'))
  const out = join(folder, 'audit')
  try {
    const args = [main, 'audit', '--timeout', '60s', '--out', out, ...options, '--', ...command]
    const child = spawn(process.execPath, args, {
      cwd: folder,
      // A target takes a variable of this name for a misspelt setting.
      env: { ...process.env, LOADCELL_TEST_TOOLS: undefined, PATH: searchPath, PYTHONDONTWRITEBYTECODE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', chunk => (output += String(chunk)))
    child.stderr.on('data', chunk => (output += String(chunk)))
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('close', resolve)
      child.once('error', reject)
    })
    return { result: resultIn(out, output), exitCode, output }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function resultIn(folder: string, output: string): AuditResult {
  try {
    return JSON.parse(readFileSync(join(folder, 'audit.json'), 'utf8')) as AuditResult
  } catch (error) {
    throw new Error(`the audit wrote no result: ${output}`, { cause: error })
  }
}
