#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { Command, CommanderError, Help, type Option } from 'commander'
import { calibrateCommand } from './calibrate.ts'
import { exitCodes, exitCodesHelp } from './exit-codes.ts'
import { faultsCommand } from './faults.ts'
import { InputError } from './input-error.ts'
import { runCommand } from './run.ts'
import { targetCommand } from './target.ts'

const OLDEST_NODE = [24, 12] as const

function assertNodeVersion(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  throw new InputError(
    `Loadcell needs Node ${OLDEST_NODE.join('.')} or newer, this is ${process.versions.node}`,
    'Install a newer Node, or run it through npm in the repository, which brings its own.',
  )
}

function version(): string {
  // From source the manifest is one folder up; from dist/, two.
  const manifest = import.meta.filename.endsWith('.ts') ? '../package.json' : '../../package.json'
  return (JSON.parse(readFileSync(new URL(manifest, import.meta.url), 'utf8')) as { version: string }).version
}

async function main(): Promise<void> {
  assertNodeVersion()
  // Else hundreds of modules would be compiled at each start; what a command needs is imported once it runs.
  enableCompileCache()
  const program = new Command('loadcell')
    .description(
      'A load-testing bench with both ends known: a reference target that keeps a ledger, and a harness that is checked against it.',
    )
    .version(version())
    .showHelpAfterError('(add --help for what can be said)')
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  loadcell run mixed-streaming                 the embedded target under a mixed load
  loadcell run my-scenario.ts --target http://127.0.0.1:8080 --vus 50 --duration 2m
  loadcell faults apply brownout --ttl 5m      a target that runs, made slow for a while
  loadcell target --port 8080                  a target for k6, Locust, Artillery or anything else
${exitCodesHelp}`,
    )
  program.addCommand(runCommand(version()))
  program.addCommand(targetCommand(version()))
  program.addCommand(faultsCommand())
  program.addCommand(calibrateCommand(version()))
  for (const command of program.commands.flatMap(each => [each, ...each.commands])) {
    command.exitOverride().showHelpAfterError('(add --help for what can be said)').configureHelp({ optionDescription })
  }
  await program.parseAsync()
}

/** Without a default that says only that nothing was said. */
function optionDescription(option: Option): string {
  const nothing = ['[]', '{}'].includes(JSON.stringify(option.defaultValue))
  return nothing ? option.description : new Help().optionDescription(option)
}

try {
  await main()
} catch (error) {
  process.exitCode = report(error)
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput
  if (error instanceof InputError) {
    process.stderr.write(`loadcell: ${error.message}\n`)
    if (error.nextStep !== undefined) process.stderr.write(`  ${error.nextStep}\n`)
    return error.exitCode
  }
  process.stderr.write(
    `loadcell: internal error, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  )
  return exitCodes.internal
}
