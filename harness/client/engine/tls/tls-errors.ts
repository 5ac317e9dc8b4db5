import { CLIENT_REFUSED } from './client-refusal.ts'

/** An error of a handshake, with the code of OpenSSL or Node. */
type TlsError = NodeJS.ErrnoException & { reason?: string }

interface TlsPeer {
  /** `host:port`. */
  place: string
  /** Name that the certificate should have. */
  name: string
}

/** The server ended the connection during the handshake. */
export const CLOSED_IN_HANDSHAKE = 'HARNESS_TLS_CLOSED'

const UNKNOWN_AUTHORITY = 'trust its authority with --ca FILE, or do not check certificates with --insecure'
const OTHER_IDENTITY = 'give a certificate that the server accepts with --cert FILE and --key FILE'
const OTHER_VERSION = `the server allows other versions or ciphers of TLS than this client (Node ${process.versions.node})`

/** Advice by code. */
const ADVICE: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: `the certificate is signed by itself: trust it with --ca FILE, or do not check certificates with --insecure`,
  SELF_SIGNED_CERT_IN_CHAIN: `an authority that is not trusted signed the certificate: ${UNKNOWN_AUTHORITY}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `an unknown authority signed the certificate, or the server does not send those between: ${UNKNOWN_AUTHORITY}`,
  UNABLE_TO_GET_ISSUER_CERT: `an unknown authority signed the certificate: ${UNKNOWN_AUTHORITY}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `an unknown authority signed the certificate: ${UNKNOWN_AUTHORITY}`,
  CERT_HAS_EXPIRED: 'renew the certificate of the server, or do not check certificates with --insecure',
  CERT_NOT_YET_VALID: 'compare the clocks of both machines, or do not check certificates with --insecure',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'use a name of the certificate in the URL or as `tls.serverName`, or do not check certificates with --insecure',
  ERR_SSL_UNSUPPORTED_PROTOCOL: OTHER_VERSION,
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: 'the server has no certificate for this name; name another as `tls.serverName`',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server answered without TLS: use http:// or ws:// for this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the server answered without TLS: use http:// or ws:// for this port',
  [CLOSED_IN_HANDSHAKE]: `it may not speak TLS on this port, or not with this client, or want another certificate: ${OTHER_IDENTITY}`,
  [CLIENT_REFUSED]: OTHER_IDENTITY,
}

/** Advice by the alert that the server sent. Releases of OpenSSL put different prefixes before its name. */
const ADVICE_ON_ALERT: Record<string, string> = {
  CERTIFICATE_REQUIRED: `the server asks for a certificate of the client: ${OTHER_IDENTITY}`,
  HANDSHAKE_FAILURE: `${OTHER_VERSION}, or it asks for a certificate of the client: ${OTHER_IDENTITY}`,
  BAD_CERTIFICATE: `the server refused the certificate of the client: ${OTHER_IDENTITY}`,
  CERTIFICATE_UNKNOWN: `the server refused the certificate of the client: ${OTHER_IDENTITY}`,
  CERTIFICATE_EXPIRED: `the server refused the certificate of the client, which has expired: ${OTHER_IDENTITY}`,
  CERTIFICATE_REVOKED: `the server refused the certificate of the client, which is revoked: ${OTHER_IDENTITY}`,
  UNSUPPORTED_CERTIFICATE: `the server refused the certificate of the client: ${OTHER_IDENTITY}`,
  UNKNOWN_CA: `the server does not know the authority of the client’s certificate: ${OTHER_IDENTITY}`,
  ACCESS_DENIED: `the server refused the certificate of the client: ${OTHER_IDENTITY}`,
  PROTOCOL_VERSION: OTHER_VERSION,
}

/** Returns the advice for an error of TLS; undefined if there is none. */
export function adviceOn(code: string): string | undefined {
  return ADVICE[code] ?? ADVICE_ON_ALERT[/_ALERT_(\w+)$/.exec(code)?.[1] ?? '']
}

/** Returns the error of a handshake that failed, or of a connection that the server ended during its handshake. */
export function handshakeError(error: TlsError, { place, name }: TlsPeer): Error {
  const { code = '' } = error
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return withCode(`${place} ended the connection during the TLS handshake`, CLOSED_IN_HANDSHAKE)
  }
  const asked = place.startsWith(`${name}:`) ? place : `${place} as ${name}`
  return withCode(`${asked}: ${wordsOf(error)}`, code)
}

/** OpenSSL's own words begin with an address in memory. Node appends advice of its own, for servers that are run with it. */
function wordsOf({ message, reason }: TlsError): string {
  return reason !== undefined && message.includes(':error:')
    ? reason
    : message.replace(/; if the root CA.*/s, '').trim()
}

export function lateHandshake(place: string): Error {
  return withCode(`${place} did not complete the TLS handshake in time`, 'ETIMEDOUT')
}

function withCode(message: string, code: string): Error {
  return Object.assign(new Error(message), { code })
}
