import { type Document, parseDocument } from 'yaml'
import { type JsonFields, fieldsOf, isFields } from './json-tree.ts'
import { UnusableSource } from './unusable-source.ts'

/** Most references to anchors in YAML. More would be an attack on the memory. */
const MOST_ALIASES = 1000

/** Content of a file from which a scenario can be written. */
export type SourceContent = { kind: 'openapi' | 'recording'; content: JsonFields }

/** Reads the text of an OpenAPI document (JSON or YAML) or of a recording (HAR). @throws UnusableSource that shows none of the text */
export function readSource(text: string): SourceContent {
  if (text.trim() === '') throw new UnusableSource('the file is empty', EXPECTED)
  const content = /^\s*[{[]/.test(text) ? readJson(text) : readYaml(text)
  if (!isFields(content)) throw new UnusableSource('the file is neither an OpenAPI document nor a recording', EXPECTED)
  if (isFields(content['log'])) return { kind: 'recording', content: fieldsOf(content['log']) }
  if ('openapi' in content || 'swagger' in content) return { kind: 'openapi', content }
  const advice = 'asyncapi' in content ? 'AsyncAPI documents cannot be read. ' : ''
  throw new UnusableSource(
    'the file is neither an OpenAPI document (it has no "openapi") nor a recording (it has no "log")',
    advice + EXPECTED,
  )
}

const EXPECTED =
  'Expected an OpenAPI document of version 3.0 or 3.1 in JSON or YAML, or a HAR file that a browser or proxy has recorded.'

/** The message of the parser is not shown, because it quotes the text. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const { message } = error as Error
    const isCutOff = /Unexpected end|Unterminated/.test(message)
    // Some messages have no position.
    const position = /at position (\d+)/.exec(message)?.[1]
    const line = position === undefined ? '' : ` in line ${text.slice(0, Number(position)).split('\n').length}`
    throw new UnusableSource(
      `the file is not valid JSON${line}${isCutOff ? ': it ends too early' : ''}`,
      'Export or record it again.',
    )
  }
}

function readYaml(text: string): unknown {
  const document = parsedYaml(text)
  const [error] = document?.errors ?? []
  if (document === undefined || error !== undefined) {
    const line = error?.linePos?.[0].line
    const place = line === undefined ? '' : ` in line ${line} (${error!.code})`
    throw new UnusableSource(`the file is not valid YAML${place}`, EXPECTED)
  }
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES })
  } catch {
    throw new UnusableSource(
      `the file uses its anchors in a circle, or more than ${MOST_ALIASES} times`,
      'Write the repeated parts out.',
    )
  }
}

/** Returns undefined for text with too many levels, which the parser cannot take. */
function parsedYaml(text: string): Document.Parsed | undefined {
  try {
    return parseDocument(text, { uniqueKeys: false, merge: true, logLevel: 'silent' })
  } catch {
    return undefined
  }
}
