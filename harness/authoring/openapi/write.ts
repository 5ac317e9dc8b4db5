import { Guards } from '../code/guards.ts'
import { kebabCase } from '../../../core/words.ts'
import { Names } from '../code/names.ts'
import { scenarioCode } from '../code/scenario-code.ts'
import type { JsonFields } from '../json-tree.ts'
import { EnvironmentNames } from '../secrets/environment-names.ts'
import { KnownSecrets } from '../secrets/known-secrets.ts'
import { Redaction } from '../secrets/redaction.ts'
import { listed, patternTest, selected, type RequestSelection } from '../selection.ts'
import { UnusableSource } from '../unusable-source.ts'
import type { WrittenFiles } from '../written-files.ts'
import { type Chain, chainsOf } from './chains.ts'
import { Examples } from './example.ts'
import { type ListedOperation, operationsOf } from './operation-list.ts'
import { References } from './references.ts'
import { Schemas } from './schema.ts'
import { Security } from './security.ts'
import { serverUrl, serviceName } from './service.ts'
import { BASIC_SENTENCE, runSentence, targetFor } from '../target-hint.ts'
import { type LeftOutOperation, TaskWriter } from './tasks.ts'

/** Most operations of one file. A document with more is split by tag. */
const MOST_IN_FILE = 40
/** Most operations of all files together. */
const MOST_OPERATIONS = 1500

/**
 * Writes scenarios from an OpenAPI document (3.0 or 3.1).
 * @param base name of the file, without its extension
 * @throws UnusableSource
 */
export function scenariosFromOpenApi(document: JsonFields, base: string, selection: RequestSelection): WrittenFiles {
  checkVersion(document)
  const references = new References(document)
  const schemas = new Schemas(references)
  const chosen = selected(operationsOf(document, references), selection)
  if (chosen.length > MOST_OPERATIONS) {
    throw new UnusableSource(
      `the document describes ${chosen.length} operations, and at most ${MOST_OPERATIONS} are written at a time`,
      'Choose some with --tag or --only.',
    )
  }
  const names = new Map<string, Chain[]>(filesOf(chainsOf(chosen, schemas), base))
  const files = [...names].map(([file, chains]) => {
    const others = names.size > 1 ? `One of ${names.size} files, split by tag.` : undefined
    return [file, writeFile({ document, base, file, chains, references, schemas, selection, others })] as const
  })
  const leftOut = files.flatMap(([, written]) => written.leftOut)
  const texts = files.flatMap(([file, { text }]) => (text === undefined ? [] : [[`${file}.ts`, text] as const]))
  if (texts.length === 0) {
    throw new UnusableSource(`none of the ${chosen.length} operations can be sent. ${notesOf(leftOut).join(' ')}`)
  }
  return {
    files: new Map(texts),
    summary: `${chosen.length - leftOut.length} of ${chosen.length} operations of ${serviceName(document)}`,
    notes: notesOf(leftOut),
    variables: [...new Set(files.flatMap(([, { variables }]) => variables))],
    target: targetFor(serverUrl(document)),
  }
}

function checkVersion({ openapi, swagger }: JsonFields): void {
  if (typeof openapi === 'string' && /^3\.[01](\.|$)/.test(openapi)) return
  const expected = 'expected an OpenAPI document of version 3.0 or 3.1'
  if (swagger !== undefined) {
    throw new UnusableSource(
      `${expected}, got Swagger ${versionText(swagger)}`,
      'Convert it first, for example with `npx swagger2openapi swagger.json --outfile openapi.json`.',
    )
  }
  throw new UnusableSource(`${expected}, got ${versionText(openapi)}`)
}

function versionText(version: unknown): string {
  return JSON.stringify(version).slice(0, 20).replaceAll('"', '')
}

/** Returns the tasks of each file: of a single one if they are few, and else one or more for each tag. */
function filesOf(chains: readonly Chain[], base: string): [string, Chain[]][] {
  const count = chains.reduce((sum, { operations }) => sum + operations.length, 0)
  if (count <= MOST_IN_FILE) return [[base, [...chains]]]
  const byTag = Map.groupBy(chains, ({ operations }) => kebabCase(groupOf(operations[0]!), 'other'))
  return [...byTag].flatMap(([tag, some]) =>
    batches(some).map((batch, at) => [`${base}-${tag}${at === 0 ? '' : `-${at + 1}`}`, batch] as [string, Chain[]]),
  )
}

/** Returns the first tag of an operation, or the first word of its path. */
function groupOf({ tags, path }: ListedOperation): string {
  return (
    tags[0] ??
    path.split('/').find(segment => segment !== '' && !/^(api|v\d+)$/.test(segment) && !segment.includes('{')) ??
    ''
  )
}

function batches(chains: readonly Chain[]): Chain[][] {
  const all: Chain[][] = []
  let room = 0
  for (const chain of chains) {
    if (room < chain.operations.length || all.length === 0) {
      all.push([])
      room = MOST_IN_FILE
    }
    all.at(-1)!.push(chain)
    room -= chain.operations.length
  }
  return all
}

interface FileOptions {
  document: JsonFields
  base: string
  file: string
  chains: readonly Chain[]
  references: References
  schemas: Schemas
  selection: RequestSelection
  others: string | undefined
}

function writeFile(options: FileOptions): {
  text: string | undefined
  leftOut: LeftOutOperation[]
  variables: string[]
} {
  const { document, chains, references, schemas } = options
  const names = new Names()
  const environment = new EnvironmentNames(options.base, names)
  const redaction = new Redaction(environment, new KnownSecrets(), true)
  const security = new Security(document, references, redaction)
  const guards = new Guards(names)
  const dependencies = { schemas, security, redaction, guards, examples: new Examples(schemas, references) }
  const writer = new TaskWriter(dependencies, names, new Names([]))
  const isWanted = patternTest(options.selection.only)
  for (const chain of chains) {
    const [first] = chain.operations
    writer.add(chain, options.selection.only.length > 0 && isWanted(first!.method, first!.path))
  }
  const identity = security.identityCall()
  const scenario = {
    comment: commentOf(options, writer.leftOut, security.usesBasic),
    description: `Sends the operations that ${serviceName(document)} describes, each as a task.`,
    environment: environment.constants(),
    userName: 'client',
    think: "between('500ms', '1500ms')",
    ...(identity !== undefined && { identity }),
    tasks: writer.tasks,
  }
  const text = writer.tasks.size === 0 ? undefined : scenarioCode(scenario, guards, names)
  return { text, leftOut: writer.leftOut, variables: environment.constants().map(({ variable }) => variable) }
}

function commentOf(
  { document, file, others }: FileOptions,
  leftOut: readonly LeftOutOperation[],
  usesBasic: boolean,
): string[] {
  const url = serverUrl(document)
  return [
    `Each operation that ${serviceName(document)} describes in its OpenAPI document, with the values of its examples. ` +
      'Written by `loadcell init`, and yours to change: say how often each task is done (`weight`), and with which data.',
    ...(others === undefined ? [] : [others]),
    runSentence(file, url),
    ...(usesBasic ? [BASIC_SENTENCE] : []),
    ...(leftOut.length === 0
      ? []
      : [`Left out: ${listed(leftOut.map(({ operation }) => `${operation.method} ${operation.path}`))}.`]),
  ]
}

/** Returns one sentence for each reason. */
function notesOf(leftOut: readonly LeftOutOperation[]): string[] {
  return [...Map.groupBy(leftOut, ({ reason }) => reason)].map(([reason, some]) => {
    const names = some.map(({ operation }) => `${operation.method} ${operation.path}`)
    return `Left out, because ${reason}: ${listed(names)}.`
  })
}
