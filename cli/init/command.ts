import { Command } from 'commander'
import { each } from '../options/arguments.ts'
import type { InitFlags } from './init-source.ts'

export function initCommand(version: string): Command {
  return new Command('init')
    .description('Write a first scenario that runs, or scenarios from an OpenAPI document or a recording.')
    .argument('[folder]', 'folder for the files; created if it does not exist', '.')
    .option(
      '--from <file>',
      'an OpenAPI document (3.0 or 3.1, JSON or YAML), or a recording of a browser or proxy (HAR)',
    )
    .option(
      '--only <pattern>',
      "only requests that fit, such as 'GET /orders*' or '/orders*'; may be repeated",
      each(String),
      [],
    )
    .option('--tag <tag>', 'only operations of this tag of an OpenAPI document; may be repeated', each(String), [])
    .option(
      '--host <host>',
      'the host of a recording to write (default: of the visited site, the one with the most pages and data)',
    )
    .option('--static', 'keep the images, styles, scripts and fonts of a recording')
    .option('--file <name>', 'name of the scenario (default: scenario.ts, or that of the document or recording)')
    .addHelpText(
      'after',
      `
Examples:
  loadcell init                                       scenario.ts, tsconfig.json and package scripts
  loadcell init load --from openapi.json --tag Orders
  loadcell init load --from openapi.yaml --only 'GET /orders*' --only 'POST /orders'
  loadcell init load --from shop.har

No file is ever overwritten. Secrets of a document or recording are written nowhere: the scenario takes them from environment variables.
docs/starting-a-scenario.md shows what is written, and how to record.

Exit codes:
  0    the files are written
  104  the document or recording cannot be used, or a file exists already; nothing is written`,
    )
    .action(async (folder: string, flags: InitFlags) => {
      // Loaded only when it is needed.
      const { init } = await import('./init-files.ts')
      init(folder, flags, version)
    })
}
