import { Command } from 'commander'
import { lessons } from './lessons.ts'
import { readyScenarios } from '../loading/ready-scenarios.ts'
import { textTable } from '../output/text-table.ts'

export function scenariosCommand(): Command {
  return new Command('scenarios')
    .description('List the ready scenarios, with the lesson of each.')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  loadcell scenarios                                   the list
  loadcell run browse                                  run one against the embedded target
  loadcell scenarios --json | jq -r '.[].name'         for a script

Each is a file of about a page. To write your own, start from the nearest one: npx loadcell init writes a first scenario.`,
    )
    .action(({ json = false }: { json?: boolean }) => {
      const rows = rowsOf(readyScenarios())
      const text = json ? JSON.stringify(rows, undefined, 2) : tableOf(rows)
      process.stdout.write(`${text}\n`)
    })
}

interface ScenarioRow {
  name: string
  lesson: string
}

function rowsOf(names: readonly string[]): ScenarioRow[] {
  const order = Object.keys(lessons)
  return [...names]
    .sort((a, b) => order.indexOf(a) - order.indexOf(b))
    .map(name => ({ name, lesson: lessons[name] ?? '' }))
}

function tableOf(rows: readonly ScenarioRow[]): string {
  const table = textTable(
    ['scenario', 'lesson'],
    rows.map(({ name, lesson }) => [name, lesson]),
  )
  return [...table, '', 'Run one: loadcell run <scenario>. Each ends with a verdict and an HTML report.'].join('\n')
}
