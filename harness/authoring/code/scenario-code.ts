import { docComment, lineComment } from './comment.ts'
import { quoted } from './expression.ts'
import type { Guards } from './guards.ts'
import { callCode, fieldKey, pad, WIDTH } from './layout.ts'
import type { Names } from './names.ts'
import { contextOf, type ScenarioStep, stepLines } from './steps.ts'

/** A constant of the scenario whose value is an environment variable. */
export interface EnvironmentConstant {
  constant: string
  variable: string
  /** Says what it is, for a comment. */
  meaning: string
}

/** A scenario that is to be written. */
export interface WrittenScenario {
  /** Paragraphs of the comment at the top. */
  comment: readonly string[]
  description: string
  environment: readonly EnvironmentConstant[]
  /** Name of the kind of user. */
  userName: string
  /** Pause after each iteration: code, such as `between('500ms', '1500ms')`. */
  think: string
  /** Gives the user its identity. */
  identity?: WrittenCall
  /** Tasks by name; a single one without a name is the whole iteration. */
  tasks: ReadonlyMap<string, readonly ScenarioStep[]> | readonly ScenarioStep[]
}

/** A call, such as `auth.bearer(token)`. */
export interface WrittenCall {
  callee: string
  args: readonly unknown[]
}

/** Returns the file of a scenario. */
export function scenarioCode(written: WrittenScenario, guards: Guards, names: Names): string {
  const user = userLines(written, names)
  const functions = guards.code()
  const readers = READERS.filter(({ name }) => user.some(line => line.includes(`= ${name}(`)))
  const environment = environmentLines(written.environment)
  const imports = [
    ...(written.think.startsWith('between') ? ['between'] : []),
    ...(environment.length > 0 ? ['environment'] : []),
    ...(readers.length > 0 ? ['type HttpResponse'] : []),
    'scenario',
    'user',
  ]
  const lines = [
    ...docComment(written.comment, 0),
    `import { ${imports.join(', ')} } from 'loadcell'`,
    '',
    ...environment,
    'export default scenario({',
    ...descriptionLines(written.description),
    ...lineComment('Decide: how many users, and for how long? An open model sends at a fixed rate instead.', 2),
    "  load: { executor: 'constant-vus', vus: 5, duration: '30s' },",
    '  users: [',
    ...user,
    '  ],',
    ...lineComment('Decide: what is fast enough?', 2),
    "  thresholds: { http_req_duration: ['p(95)<500'], http_req_failed: ['rate<0.01'], checks: ['rate>0.99'] },",
    '})',
    ...[...functions, ...readers.map(({ lines }) => lines)].flatMap(each => ['', ...each]),
  ]
  return `${lines.join('\n')}\n`
}

function descriptionLines(description: string): string[] {
  const line = `  description: ${quoted(description)},`
  return line.length <= WIDTH ? [line] : ['  description:', `    ${quoted(description)},`]
}

function environmentLines(constants: readonly EnvironmentConstant[]): string[] {
  if (constants.length === 0) return []
  const lines = constants.flatMap(({ constant, variable, meaning }) => [
    ...lineComment(meaning, 0),
    `const ${constant} = environment(${quoted(variable)})`,
  ])
  return [...lines, '']
}

function userLines({ userName, think, identity, tasks }: WrittenScenario, names: Names): string[] {
  const begin = identity === undefined ? [] : beginLines(identity)
  return [
    `    ${callCode('user', [userName], 4).slice(0, -1)}, {`,
    `      think: ${think},`,
    ...begin,
    ...(isList(tasks) ? functionLines('iterate', tasks, names, 6) : taskLines(tasks, names)),
    '    }),',
  ]
}

function beginLines({ callee, args }: WrittenCall): string[] {
  const line = `      begin: ({ auth }) => ${callCode(callee, args, 0)},`
  return line.length <= WIDTH ? [line] : ['      begin: ({ auth }) =>', `        ${callCode(callee, args, 8)},`]
}

function isList(tasks: WrittenScenario['tasks']): tasks is readonly ScenarioStep[] {
  return Array.isArray(tasks)
}

function taskLines(tasks: ReadonlyMap<string, readonly ScenarioStep[]>, names: Names): string[] {
  const each = [...tasks].flatMap(([name, steps]) => [
    `        ${fieldKey(name)}: {`,
    ...functionLines('run', steps, names, 10),
    '        },',
  ])
  return ['      tasks: {', ...each, '      },']
}

function functionLines(name: string, steps: readonly ScenarioStep[], names: Names, indent: number): string[] {
  const body = stepLines(steps, names.within(), indent + 2)
  const head = `${pad(indent)}async ${name}({ ${contextOf(body).join(', ')} }) {`
  return [head, ...body, `${pad(indent)}},`]
}

/** Functions of a scenario that take something out of a response. */
const READERS = [
  {
    name: 'valueOf',
    lines: [
      "/** Returns a value of a JSON response by its path, such as 'items.0.id'. An iteration without that value ends here. */",
      'function valueOf(response: HttpResponse, path: string): string | number {',
      '  let value = response.json()',
      "  for (const key of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[key]",
      "  if (typeof value === 'string' || typeof value === 'number') return value",
      '  throw new Error(`expected ${path} in a response with status ${response.status}`)',
      '}',
    ],
  },
  {
    name: 'fieldOf',
    lines: [
      '/** Returns the value of a hidden field or meta tag of a page. An iteration without that value ends here. */',
      'function fieldOf(response: HttpResponse, name: string): string {',
      '  const tags = response.text().match(/<(input|meta)\\b[^>]*>/g) ?? []',
      '  const tag = tags.find(each => each.includes(`name="${name}"`)) ?? \'\'',
      '  const value = /\\b(?:value|content)="([^"]*)"/.exec(tag)?.[1]',
      '  if (value !== undefined) return value',
      '  throw new Error(`expected the field ${name} in a page with status ${response.status}`)',
      '}',
    ],
  },
]
