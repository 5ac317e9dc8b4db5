import type { Client, Metadata } from '@grpc/grpc-js'
import type { GrpcStatus } from '../../../contract/grpc/status.ts'
import { headers as headerNames } from '../../../contract/headers.ts'
import type { Network } from '../engine/network.ts'
import type { GrpcOptions } from '../../scenario/grpc.ts'
import type { RequestTags } from '../../metrics/recorder.ts'
import type { Session } from '../../session/session.ts'
import type { Host } from '../address/hosts.ts'
import type { Route } from '../address/routes.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import type { Consumers } from '../live/consumers.ts'
import type { LiveDependencies } from '../live/dependencies.ts'
import type { GrpcMethod, Methods } from './methods.ts'
import type { GrpcPackages } from './packages.ts'

/** Everything that the calls of all users of a run share. */
export interface GrpcDependencies extends LiveDependencies {
  consumers: Consumers
  network: Network | undefined
  /** Loads the packages, once. */
  library: () => Promise<GrpcLibrary>
}

export interface GrpcLibrary {
  packages: GrpcPackages
  methods: Methods
}

/** A call that is ready to be sent. */
export interface PreparedCall {
  library: GrpcLibrary
  session: Session
  client: Client
  method: GrpcMethod
  host: Host
  /** Path as it is sent. */
  path: string
  route: Route
  tags: RequestTags
  key: string
  metadata: Metadata
  /** The user's token in it. */
  authorization: string | undefined
  expected: readonly GrpcStatus[]
  dueAt: number
  handedAt: number
  /** Why it cannot be sent. */
  failure: ExchangeFailure | undefined
}

/** Bytes before each message. */
export const PREFIX_BYTES = 5

/** Returns the metadata of a call: who calls, and the author's own. */
export function metadataOf(
  { js }: GrpcPackages,
  { identity, identified }: Host,
  {
    key,
    authorization,
    trace,
    own,
  }: {
    key: string
    authorization: string | undefined
    trace: Record<string, string> | undefined
    own: GrpcOptions['metadata']
  },
): Metadata {
  const metadata = new js.Metadata()
  for (const [name, value] of Object.entries(identity)) if (name !== 'user-agent') metadata.set(name, value)
  if (identified) metadata.set(headerNames.exchange, key)
  for (const [name, value] of Object.entries(trace ?? {})) metadata.set(name, value)
  if (authorization !== undefined) metadata.set('authorization', authorization)
  for (const [name, value] of Object.entries(own ?? {})) metadata.set(name, value)
  return metadata
}

export function unchanged(bytes: Buffer): Buffer {
  return bytes
}

/** Returns the bytes of a message. @throws TypeError for one that does not fit */
export function encoded({ requestSerialize, path }: GrpcMethod, message: object): Buffer {
  try {
    return requestSerialize(message)
  } catch (error) {
    throw new TypeError(`${path}: expected a message that fits its type: ${(error as Error).message}`, { cause: error })
  }
}
