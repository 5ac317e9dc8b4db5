import { concealUrl } from '../../client/address/url-credentials.ts'
import { shortened } from '../code/comment.ts'
import { type JsonFields, fieldsOf, listOf, textOf } from '../json-tree.ts'
import { looksSecret } from '../secrets/secret-text.ts'

/** Returns the name and version of the service that a document describes. */
export function serviceName(document: JsonFields): string {
  const { title, version } = fieldsOf(document['info'])
  const text = shortened([textOf(title), textOf(version)].filter(Boolean).join(' '), 80)
  return text === '' || looksSecret(text) ? 'the service' : text
}

/** Returns the URL of the first server that has a host, with the defaults of its variables; undefined if the document names none. */
export function serverUrl(document: JsonFields): string | undefined {
  for (const server of listOf(document['servers']).map(fieldsOf)) {
    const variables = fieldsOf(server['variables'])
    const text = (textOf(server['url']) ?? '').replaceAll(
      /\{([^{}]+)\}/g,
      (_, name: string) => textOf(fieldsOf(variables[name])['default']) ?? name,
    )
    const url = URL.parse(text, 'http://127.0.0.1:8080')
    if (text === '' || url === null || !/^https?:$/.test(url.protocol)) continue
    url.search = ''
    url.hash = ''
    const shown = concealUrl(url.href).replace(/\/$/, '')
    if (!looksSecret(shown)) return shown
  }
  return undefined
}
