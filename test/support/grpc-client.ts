import {
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js'
import { loadSync, type MethodDefinition } from '@grpc/proto-loader'
import { onTestFinished } from 'vitest'
import { protoFiles, protoFolder, protoOptions } from '../../contract/grpc/services.ts'

type Method = MethodDefinition<object, object>

const definition = loadSync([...protoFiles], { ...protoOptions, includeDirs: [protoFolder] })

/** How a call of the community's client ended. */
export interface Ended {
  answer: Record<string, unknown> | undefined
  status: Pick<StatusObject, 'code' | 'details'>
  trailers: Metadata
  headers: Metadata | undefined
}

export interface CallOptions {
  metadata?: Record<string, string>
  deadlineMs?: number
}

/** A client of `@grpc/grpc-js` that knows the services of the target. */
export class GrpcClient {
  readonly client: Client
  readonly #token: string | undefined

  constructor(url: string, token?: string, ssl = credentials.createInsecure()) {
    this.client = new Client(url.replace(/^https?:\/\//, ''), ssl)
    this.#token = token
    onTestFinished(() => this.client.close())
  }

  method(name: string): Method {
    const [service = '', method = ''] = name.split('/')
    return (definition[service] as Record<string, Method>)[method] as Method
  }

  metadata(own: Record<string, string> = {}): Metadata {
    const metadata = new Metadata()
    if (this.#token !== undefined) metadata.set('authorization', `Bearer ${this.#token}`)
    for (const [name, value] of Object.entries(own)) metadata.set(name, value)
    return metadata
  }

  unary(name: string, message: object, { metadata, deadlineMs }: CallOptions = {}): Promise<Ended> {
    const { path, requestSerialize, responseDeserialize } = this.method(name)
    return new Promise(resolve => {
      let answer: Record<string, unknown> | undefined
      let headers: Metadata | undefined
      const call = this.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        this.metadata(metadata),
        deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs },
        (_error: ServiceError | null, value?: object) => (answer = value as Record<string, unknown>),
      )
      call.on('metadata', (found: Metadata) => (headers = found))
      call.on('status', (status: StatusObject) => {
        setImmediate(() => resolve({ answer, status, trailers: status.metadata, headers }))
      })
    })
  }

  follow(name: string, message: object, { metadata, deadlineMs }: CallOptions = {}): Following {
    const { path, requestSerialize, responseDeserialize } = this.method(name)
    const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs }
    return new Following(
      this.client.makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        this.metadata(metadata),
        options,
      ),
    )
  }

  converse(name: string, own: CallOptions = {}) {
    const { path, requestSerialize, responseDeserialize } = this.method(name)
    const call = this.client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      this.metadata(own.metadata),
      {},
    )
    return { say: (message: object) => call.write(message), end: () => call.end(), heard: new Following(call) }
  }

  /** Streams messages, and resolves with the one answer. */
  stream(name: string, messages: readonly object[]): Promise<Ended> {
    const { path, requestSerialize, responseDeserialize } = this.method(name)
    return new Promise(resolve => {
      let answer: Record<string, unknown> | undefined
      const call = this.client.makeClientStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        this.metadata(),
        {},
        (_error: ServiceError | null, value?: object) => (answer = value as Record<string, unknown>),
      )
      call.on('status', (status: StatusObject) => {
        setImmediate(() => resolve({ answer, status, trailers: status.metadata, headers: undefined }))
      })
      for (const message of messages) call.write(message)
      call.end()
    })
  }
}

/** The messages of a call in their order. */
export class Following {
  readonly call: ClientReadableStream<object>
  readonly status: Promise<StatusObject>
  readonly #messages: Record<string, unknown>[] = []
  #wake = () => {}

  constructor(call: ClientReadableStream<object>) {
    this.call = call
    this.status = new Promise(resolve => call.on('status', resolve))
    call.on('error', () => {})
    call.on('data', (message: Record<string, unknown>) => {
      this.#messages.push(message)
      this.#wake()
    })
  }

  async next(): Promise<Record<string, unknown>> {
    while (this.#messages.length === 0) await new Promise<void>(resolve => (this.#wake = resolve))
    return this.#messages.shift()!
  }
}
