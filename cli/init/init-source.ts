import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { decodeText, UnreadableText } from '../../core/text-file.ts'
import { plain } from '../../harness/authoring/code/comment.ts'
import { kebabCase } from '../../core/words.ts'
import { scenariosFromOpenApi } from '../../harness/authoring/openapi/write.ts'
import { scenarioFromRecording } from '../../harness/authoring/recording/write.ts'
import { readSource } from '../../harness/authoring/source.ts'
import { UnusableSource } from '../../harness/authoring/unusable-source.ts'
import type { WrittenFiles } from '../../harness/authoring/written-files.ts'
import { InputError } from '../process/input-error.ts'

export interface InitFlags {
  from?: string
  only: string[]
  tag: string[]
  host?: string
  static?: true
  file?: string
}

/** Largest document or recording. It is read whole, and takes several times its size in memory. */
const LARGEST_MIB = 128

/** Writes scenarios from a document or recording. @throws InputError */
export function fromSource(path: string, flags: InitFlags): WrittenFiles {
  const text = readText(path)
  const base = fileName(
    flags.file ?? kebabCase(basename(path).replace(/(\.(json|ya?ml|har))+$/i, ''), 'scenario'),
  ).replace(/\.ts$/, '')
  try {
    const { kind, content } = readSource(text)
    if (kind === 'openapi') {
      if (flags.host !== undefined || flags.static)
        throw new UnusableSource('--host and --static are for recordings, and this is an OpenAPI document')
      return scenariosFromOpenApi(content, base, { only: flags.only, tags: flags.tag })
    }
    if (flags.tag.length > 0)
      throw new UnusableSource('--tag is for OpenAPI documents, and this is a recording', 'Choose with --only.')
    return scenarioFromRecording(content, base, {
      only: flags.only,
      host: flags.host,
      keepsStatic: flags.static === true,
    })
  } catch (error) {
    if (error instanceof UnusableSource) {
      // Names in a document may contain control characters, which a terminal would obey.
      throw new InputError(`${path}: ${plain(error.message)}`, error.nextStep && plain(error.nextStep))
    }
    throw error
  }
}

/** @throws InputError when the file cannot be read, or is too large. */
function readText(path: string): string {
  if (/^https?:\/\//i.test(path)) {
    throw new InputError(
      '--from takes a file, and nothing is fetched from a URL',
      'Save the document first, such as `curl -o openapi.json http://127.0.0.1:8080/openapi.json`.',
    )
  }
  try {
    const { size } = statRegular(path)
    if (size > LARGEST_MIB * 1024 * 1024) {
      throw new InputError(
        `${path} has ${Math.round(size / 1024 / 1024)} MiB, and at most ${LARGEST_MIB} are read`,
        'Record again with the bodies of images, scripts and videos left out, or export only the requests that matter.',
      )
    }
    return decodeText(readFileSync(path))
  } catch (error) {
    if (error instanceof InputError) throw error
    const reason = error instanceof UnreadableText ? error.message.replace(/:.*/, '') : (error as Error).message
    throw new InputError(
      `${path} cannot be read: ${reason}`,
      'Give --from the path of an OpenAPI document or a HAR file.',
    )
  }
}

function statRegular(path: string): { size: number } {
  const stats = statSync(path)
  if (stats.isFile()) return stats
  throw new InputError(`${path} is not a file`, 'Give --from the path of an OpenAPI document or a HAR file.')
}

/** Returns the name of a scenario with its extension. @throws InputError */
export function fileName(name: string): string {
  if (/^[\w][\w.-]*$/.test(name) && !/\.(?!ts$)[a-z]+$/i.test(name)) return name.endsWith('.ts') ? name : `${name}.ts`
  throw new InputError(
    `expected --file to be a name such as orders.ts, got ${JSON.stringify(name)}`,
    'The folder is an argument of its own.',
  )
}
