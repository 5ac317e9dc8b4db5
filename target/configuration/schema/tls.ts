import { Type } from '../../../core/schema.ts'
import { choice, flag, integer, section } from './setting.ts'

const file = (description: string) => Type.String({ maxLength: 4096, default: '', description })

export const TlsConfiguration = section({
  enabled: flag(false, 'Whether everything, the control plane included, is served over TLS (https and wss).'),
  cert: file(
    'File with the certificate of the target (PEM), with those between it and its authority. Default: one made at the start.',
  ),
  key: file('File with the key of tls.cert (PEM). Default: the key in the file of tls.cert.'),
  caFile: file('File that the authority of a made certificate is written to (PEM), for clients that need to trust it.'),
  clientCertificates: choice(
    ['none', 'asked', 'required'],
    'none',
    'Whether clients are asked for a certificate; required: those without one of tls.ca are refused.',
  ),
  ca: file('File with the authorities of the clients’ certificates (PEM).'),
})

export const Http2Configuration = section({
  enabled: flag(true, 'Whether clients may choose HTTP/2 over TLS (ALPN h2).'),
  streams: integer([1, 100_000], 100, 'Maximum number of requests at once on a connection.'),
  resets: integer(
    [1, 1_000_000],
    1000,
    'Maximum number of requests on a connection that its client may give up within 10 s; beyond it, the connection ends.',
  ),
  controlFrames: integer(
    [10, 1_000_000],
    1000,
    'Maximum number of PING and SETTINGS frames on a connection within 10 s; beyond it, the connection ends.',
  ),
})
