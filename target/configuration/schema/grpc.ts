import { flag, integer, section } from './setting.ts'

export const GrpcConfiguration = section({
  enabled: flag(
    false,
    'Serve gRPC over HTTP/2 on the port of everything else, without TLS as well; needs the package @grpc/proto-loader.',
  ),
  reflection: flag(true, 'Whether clients may ask for the services and their messages.'),
  messageBytes: integer([16, 67_108_864], 4_194_304, 'Maximum size in bytes of a message from a client.'),
  messages: integer([1, 10_000_000], 100_000, 'Maximum number of messages that a client may send in one call.'),
})
