import type { Command } from 'commander'
import { Interrupts } from '../../cli/process/interrupts.ts'
import { createProgram } from '../../cli/program.ts'
import type { GeneratedPage } from './scenario-pages.ts'

/** Prints a page for each command as JSON. A process of its own: the command line handles the signals of its process. */
const program = createProgram(new Interrupts())
process.stdout.write(JSON.stringify(program.commands.map(command => pageOf(command))))

function pageOf(command: Command): GeneratedPage {
  const name = command.name()
  return { name, content: [`# loadcell ${name}`, ...partsOf(command, `loadcell ${name}`, '##')].join('\n\n') }
}

function partsOf(command: Command, path: string, heading: string): string[] {
  const help = command.createHelp()
  const options = help.visibleOptions(command)
  const { commands } = command
  return [
    command.description(),
    `\`\`\`sh\n${path} ${command.usage()}\n\`\`\``,
    ...table(
      'argument',
      help.visibleArguments(command).map(argument => [`<${argument.name()}>`, help.argumentDescription(argument)]),
    ),
    ...table(
      'option',
      options.map(option => [option.flags, help.optionDescription(option)]),
    ),
    ...moreOf(command),
    ...commands.flatMap(inner => [
      `${heading} ${path} ${inner.name()}`,
      ...partsOf(inner, `${path} ${inner.name()}`, `${heading}#`),
    ]),
  ]
}

function table(title: string, rows: readonly (readonly [string, string])[]): string[] {
  if (rows.length === 0) return []
  const lines = rows.map(([name, description]) => `| \`${name}\` | ${description.replaceAll('|', '\\|')} |`)
  return [[`| ${title} | |`, '| --- | --- |', ...lines].join('\n')]
}

/** Returns the text below the options of a help page: examples, exit codes and notes. */
function moreOf(command: Command): string[] {
  let written = ''
  command.configureOutput({
    writeOut: text => (written += text),
    getOutHelpWidth: () => 120,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  const text = written.slice(command.helpInformation().length).trim()
  return text === '' ? [] : [`\`\`\`text\n${text}\n\`\`\``]
}
