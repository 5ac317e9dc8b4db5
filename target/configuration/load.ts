import { readFileSync } from 'node:fs'
import { yaml } from '../../core/yaml.ts'
import type { Configuration } from './configuration.ts'
import { ConfigurationDraft, ConfigurationError } from './draft.ts'
import { isText, keys } from './keys.ts'
import { nearest } from '../../core/nearest.ts'
import { decodeText } from '../../core/text-file.ts'
import { redact } from './secrets.ts'

export { ConfigurationError }

/** Sources of a configuration, in ascending priority: defaults, file, environment, flags. */
export interface ConfigurationSources {
  file?: string | undefined
  env: Record<string, string | undefined>
  /** Values by dotted path: `{ 'auth.tokenTtl': '2s' }`. */
  flags: Record<string, string>
}

const PREFIX = 'LOADCELL_'
/**
 * Names of the variables that Kubernetes sets in every pod, and Docker in a linked container, for a service named
 * `loadcell` or `loadcell-…`.
 */
const LINK_NAMES = [
  /^LOADCELL_(\w+_)?SERVICE_(HOST|PORT(_\w+)?)$/,
  /^LOADCELL_(\w+_)?PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR|START|END))?$/,
  /^LOADCELL_(\w+_)?ENV_\w+$/,
]
/** Prefixes of variables that concern running or testing Loadcell, not the target's configuration. */
const OTHER_VARIABLES = ['LOADCELL_TARGET_', 'LOADCELL_HARNESS_', 'LOADCELL_VAR_', 'LOADCELL_TEST_']
/** Variables of an audited command. */
const AUDIT_VARIABLES = ['LOADCELL_TARGET', 'LOADCELL_WS', 'LOADCELL_AUDIT']

/** Loads the configuration. @throws ConfigurationError with all problems */
export function loadConfiguration(sources: ConfigurationSources): Configuration {
  return draftOf(sources).finish()
}

/**
 * Returns the effective configuration as YAML, with the source of each value that is not a default. Secrets are
 * redacted.
 * @throws ConfigurationError with all problems
 */
export function describeConfiguration(sources: ConfigurationSources): string {
  const draft = draftOf(sources)
  const { Document, isNode } = yaml()
  const document = new Document(redact(draft.finish()))
  for (const { path } of keys) {
    const origin = draft.originOf(path)
    const node = document.getIn(path.split('.'), true)
    if (origin !== undefined && isNode(node)) node.comment = ` from ${origin}`
  }
  return document.toString({ lineWidth: 0 })
}

/** Returns the variables that look like settings but describe a service named `loadcell`, set by Kubernetes or Docker. */
export function serviceVariables(env: ConfigurationSources['env']): string[] {
  return Object.entries(env).flatMap(([name, text]) => (isServiceVariable(name, text) ? [name] : []))
}

function isServiceVariable(name: string, text = ''): boolean {
  if (keys.some(key => key.environmentName === name)) return name.endsWith('_PORT') && isAddress(text)
  // Variables with these prefixes are not settings of the target, whatever set them.
  if (isOtherVariable(name)) return false
  if (LINK_NAMES.some(pattern => pattern.test(name))) return true
  return (name.endsWith('_PORT') && isAddress(text)) || (name === `${PREFIX}NAME` && text.startsWith('/'))
}

function isAddress(text: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(text)
}

function isOtherVariable(name: string): boolean {
  return (
    !name.startsWith(PREFIX) || AUDIT_VARIABLES.includes(name) || OTHER_VARIABLES.some(other => name.startsWith(other))
  )
}

function draftOf({ file, env, flags }: ConfigurationSources): ConfigurationDraft {
  const draft = new ConfigurationDraft()
  if (file !== undefined) addFile(draft, file)
  addEnvironment(draft, env)
  for (const [path, text] of Object.entries(flags)) draft.addText(path, text, `--set ${path}`)
  return draft
}

function addFile(draft: ConfigurationDraft, file: string): void {
  let text: string
  try {
    text = decodeText(readFileSync(file))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    draft.addIssue([], code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read: ${message}`)
    return
  }
  // YAML includes JSON.
  const document = yaml().parseDocument(text)
  for (const { message } of document.errors) draft.addIssue([], message.trim(), file)
  if (document.errors.length > 0 || document.contents === null) return
  try {
    draft.addDocument(document.toJS(), file)
  } catch (error) {
    // An alias without an anchor, such as a pattern `*.get` without quotes, or too many of them.
    if (!(error instanceof ReferenceError)) throw error
    draft.addIssue([], `${error.message.replace(/\.?$/, '.')} A value that begins with * is written in quotes`, file)
  }
}

function addEnvironment(draft: ConfigurationDraft, env: Record<string, string | undefined>): void {
  const names = new Map(keys.map(key => [key.environmentName, key]))
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || isOtherVariable(name) || isServiceVariable(name, text)) continue
    const key = names.get(name)
    if (key !== undefined) {
      // A Compose file sets a variable to nothing where it only passes one on.
      if (text !== '' || isText(key)) draft.addText(key.path, text, name)
    } else {
      const meant = nearest(name, names.keys())
      draft.addIssue(
        [],
        `${name} sets no key${meant === undefined ? '' : `; did you mean ${meant}?`}`,
        'the environment',
      )
    }
  }
}
