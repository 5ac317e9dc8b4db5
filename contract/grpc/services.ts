import { fileURLToPath } from 'node:url'

/** The folder of all `.proto` files of the target. */
export const protoFolder = fileURLToPath(new URL('./protos/', import.meta.url))

/** The files of everything that the target serves and sends, below `protoFolder`. */
export const protoFiles = [
  'loadcell/v1/loadcell.proto',
  'grpc/health/v1/health.proto',
  'grpc/reflection/v1/reflection.proto',
  'grpc/reflection/v1alpha/reflection.proto',
  'google/rpc/status.proto',
] as const

/** How both ends see messages: fields as they are written in the file, whole numbers as numbers, enums by name. */
export const protoOptions = {
  keepCase: true,
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
} as const

export const grpcMediaType = 'application/grpc+proto'

/**
 * Metadata of a call whose answer is a stream: the call ends when its client ends its own side, so that the client reads all that was
 * written. Otherwise a client can only cancel, and what is under way is lost.
 */
export const endsWithRequest = 'x-loadcell-ends-with-request'
