/**
 * TLS of all connections. `ca`, `cert` and `key` are PEM, or the path of a file with PEM, relative to the scenario's own file. They are read
 * and checked before the run.
 */
export interface TlsOptions {
  /** Certificates of authorities that are trusted besides Node's own. */
  ca?: string | string[]
  /** Certificate of the client, perhaps with those of the authorities between. Servers that ask for one get it. */
  cert?: string
  /** Key of `cert`; default: the key in the file of `cert`. */
  key?: string
  /** Passphrase of an encrypted `key`; default: `LOADCELL_KEY_PASSPHRASE` of the environment. */
  passphrase?: string
  /** Name that the target is asked for and that its certificate must have; default: the host of its URL. */
  serverName?: string
  /** Whether any certificate of a server is accepted. The report says so. Default false. */
  insecure?: boolean
}
