import type { Configuration } from '../../contract/configuration.ts'

const REDACTED = '***'

/** Whether what stands at this JSON pointer may not be shown. */
export function isSecret(pointer: string): boolean {
  return pointer === '/control/token' || /^\/auth\/clients\/\d+\/secret$/.test(pointer)
}

/** The configuration as it may be shown. */
export function redact(configuration: Configuration): Configuration {
  const { control, auth } = configuration
  return {
    ...configuration,
    control: { token: control.token === '' ? '' : REDACTED },
    auth: { ...auth, clients: auth.clients.map(client => ({ ...client, secret: REDACTED })) },
  }
}

/**
 * Puts back the secrets that `redact` took out of a document, so that what was read can be changed and written again. A
 * secret of a client that is not known stays as it is.
 */
export function restoreSecrets(document: unknown, current: Configuration): unknown {
  const restored = structuredClone(document) as { control?: { token?: unknown }; auth?: { clients?: unknown } } | null
  if (restored?.control?.token === REDACTED) restored.control.token = current.control.token
  const clients = restored?.auth?.clients
  if (!Array.isArray(clients)) return restored
  for (const client of clients as ({ id?: unknown; secret?: unknown } | null)[]) {
    const known = current.auth.clients.find(({ id }) => id === client?.id)
    if (client?.secret === REDACTED && known !== undefined) client.secret = known.secret
  }
  return restored
}
