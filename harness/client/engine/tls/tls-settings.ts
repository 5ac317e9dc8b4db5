/** Whom a client trusts over TLS, and who it is. Everything was read and checked before. */
export interface TlsSettings {
  /** Certificates of authorities in PEM that are trusted besides Node's own. */
  ca?: string
  /** Certificate of the embedded target, or of its authority, in PEM. */
  embedded?: string
  /** Certificate of the client in PEM, with those between it and its authority, and its key. */
  identity?: { cert: string; key: string; passphrase?: string | undefined }
  /** Name that the target's certificate must have, and that the target is asked for, instead of the host of its URL. */
  serverName?: string
  /** Whether any certificate is accepted. */
  insecure?: boolean
}
