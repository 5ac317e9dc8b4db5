import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { workerCommand } from '../../../cli/run/cluster/worker-command.ts'
import { Interrupts } from '../../../cli/process/interrupts.ts'
import { withNetworkOptions } from '../../../cli/options/network-options.ts'
import { runCommand } from '../../../cli/run/command.ts'
import { targetCommand } from '../../../cli/target/command.ts'
import { root } from '../../support/markdown.ts'

const deploy = join(root, 'deploy')
const manifests = readdirSync(deploy, { recursive: true, encoding: 'utf8' }).filter(
  file => file.endsWith('.yml') || file.endsWith('.yaml'),
)
const documents = manifests.flatMap(file =>
  parseAllDocuments(readFileSync(join(deploy, file), 'utf8'), { merge: true }).map(document => ({
    file,
    document: document.toJS() as unknown,
  })),
)

/** Commands that containers of Loadcell's image give to its command line, with their files. */
const commands = documents
  .flatMap(({ file, document }) => containersIn(document).map(container => ({ file, ...container })))
  .filter(({ image }) => image.includes('loadcell'))
  // In a pod, `command` is another program.
  .map(({ file, command, args }) => ({ file, words: (file.startsWith('compose') ? command : args) ?? [] }))
  .filter(({ words }) => words.length > 0)
  .map(({ file, words }) => ({ file, words: words.map(filled) }))

interface ContainerDefinition {
  image: string
  command?: string[]
  args?: string[]
}

/** Finds containers of Kubernetes and services of Compose. */
function containersIn(value: unknown): ContainerDefinition[] {
  if (typeof value !== 'object' || value === null) return []
  const { image } = value as Partial<ContainerDefinition>
  const own = typeof image === 'string' ? [value as ContainerDefinition] : []
  return [...own, ...Object.values(value).flatMap(containersIn)]
}

/** Puts the default into a variable of Compose: `${NAME:-default}`. */
function filled(word: string): string {
  return word.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
}

/** Returns the options that the command line reads. @throws CommanderError for a flag that there is not */
function parsed([name = '', ...words]: readonly string[]): Record<string, unknown> {
  const command = commandOf(name)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .action(() => {})
  command.parse(words, { from: 'user' })
  return command.opts()
}

function commandOf(name: string): Command {
  switch (name) {
    case 'run':
      return withNetworkOptions(runCommand('test', new Interrupts()))
    case 'worker':
      return workerCommand('test', new Interrupts())
    case 'target':
      return targetCommand('test', new Interrupts())
    default:
      throw new Error(`expected a command of loadcell, got ${JSON.stringify(name)}`)
  }
}

describe('the deployments', () => {
  it('have commands for the coordinator, the workers and the target', () => {
    const names = commands.map(({ file, words }) => `${file}: ${words[0]}`)
    expect(names.toSorted()).toEqual([
      'compose/docker-compose.yml: run',
      'compose/docker-compose.yml: target',
      'compose/docker-compose.yml: worker',
      'kubernetes/base/coordinator.yaml: run',
      'kubernetes/workers/workers.yaml: worker',
    ])
  })

  it.each(commands.map(({ file, words }) => [words.join(' '), file, words] as const))(
    'give the command line what it understands: %s (%s)',
    (_, __, words) => {
      expect(() => parsed(words)).not.toThrow()
    },
  )

  it('would notice a flag that was renamed', () => {
    const [, ...rest] = commands.find(({ words }) => words[0] === 'worker')!.words
    expect(() => parsed(['worker', '--klaster=nats://nats:4222', ...rest])).toThrow(/unknown option '--klaster/)
  })

  it('let workers and coordinator meet at the same server', () => {
    const met = commands.filter(({ words }) => ['run', 'worker'].includes(words[0]!)).map(({ words }) => parsed(words))
    expect(new Set(met.map(({ cluster }) => cluster))).toEqual(new Set(['nats://nats:4222']))
  })

  it('start as many workers with Compose as the coordinator waits for', () => {
    const { services } = documents.find(({ file }) => file === 'compose/docker-compose.yml')!.document as {
      services: { worker: { scale: number } }
    }
    const { words } = commands.find(({ file, words }) => file.startsWith('compose') && words[0] === 'run')!
    expect(parsed(words)['workers']).toBe(services.worker.scale)
  })

  it('add only flags that the command line has, in patches', () => {
    const added = documents
      .filter(({ file }) => file.endsWith('kustomization.yaml'))
      .flatMap(({ document }) =>
        [...JSON.stringify(document).matchAll(/value: (--[^ }]+)/g)].map(([, flag]) => flag as string),
      )
    expect(added.toSorted()).toEqual(['--place=eu-west', '--place=us-east', '--workers=4'])
    for (const flag of added)
      expect(() => parsed(flag.startsWith('--place') ? ['worker', flag] : ['run', 'shop', flag])).not.toThrow()
  })
})
