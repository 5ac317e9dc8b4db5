import type { MethodDefinition, PackageDefinition } from '@grpc/proto-loader'
import { protoFiles, protoFolder, protoOptions } from '../../../contract/grpc/services.ts'
import { didYouMean } from '../../../core/nearest.ts'
import type { GrpcPackages } from './packages.ts'

export type GrpcMethod = MethodDefinition<object, object>

/** Returns the descriptors of a file set that describe a service, from its server. */
export type AskServer = (service: string) => Promise<Buffer>

/** Finds methods by their names: in proto files, or by asking the server. */
export class Methods {
  readonly #packages: GrpcPackages
  readonly #own: PackageDefinition
  /** Definitions by files, and by server and service. */
  readonly #known = new Map<string, Promise<PackageDefinition>>()
  /** The methods found, by what they were asked with. */
  readonly #found = new Map<string, GrpcMethod>()

  constructor(packages: GrpcPackages) {
    this.#packages = packages
    this.#own = packages.loader.loadSync([...protoFiles], { ...protoOptions, includeDirs: [protoFolder] })
  }

  /** Returns the codec of a message of the target. */
  deserializer(name: string): ((bytes: Buffer) => object) | undefined {
    const found = this.#own[name]
    return found !== undefined && 'deserialize' in found ? (found.deserialize as (bytes: Buffer) => object) : undefined
  }

  /** Returns a method that was found before. */
  known(origin: string, name: string, proto: string | readonly string[] | undefined): GrpcMethod | undefined {
    return this.#found.get(keyOf(origin, name, proto))
  }

  /**
   * @param name `package.Service/GrpcMethod`
   * @throws TypeError for a name that nothing describes
   */
  async find(
    origin: string,
    name: string,
    proto: string | readonly string[] | undefined,
    ask: AskServer,
  ): Promise<GrpcMethod> {
    const [service = '', method = ''] = name.split('/')
    const definition = await this.#definitionOf(origin, service, proto, ask)
    const found = definition[service]
    const methods = found !== undefined && !('format' in found) ? (found as Record<string, GrpcMethod>) : undefined
    const known = methods?.[method]
    if (known === undefined) throw unknownMethod(name, definition)
    this.#found.set(keyOf(origin, name, proto), known)
    return known
  }

  #definitionOf(
    origin: string,
    service: string,
    proto: string | readonly string[] | undefined,
    ask: AskServer,
  ): Promise<PackageDefinition> {
    const { loader } = this.#packages
    if (proto !== undefined) {
      const files = [proto].flat()
      return this.#once(files.join('\n'), () =>
        loader.load(files, { ...protoOptions, includeDirs: ['.', ...foldersOf(files)] }),
      )
    }
    if (service in this.#own) return Promise.resolve(this.#own)
    return this.#once(`${origin} ${service}`, async () =>
      loader.loadFileDescriptorSetFromBuffer(await ask(service), protoOptions),
    )
  }

  #once(key: string, load: () => Promise<PackageDefinition>): Promise<PackageDefinition> {
    let known = this.#known.get(key)
    if (known === undefined) {
      this.#known.set(key, (known = load()))
      // Another user may find what this one did not.
      known.catch(() => this.#known.delete(key))
    }
    return known
  }
}

function keyOf(origin: string, name: string, proto: string | readonly string[] | undefined): string {
  return `${origin} ${name} ${proto === undefined ? '' : [proto].flat().join('\n')}`
}

function foldersOf(files: readonly string[]): string[] {
  return [...new Set(files.map(file => file.replace(/[^/]*$/, '') || '.'))]
}

function unknownMethod(name: string, definition: PackageDefinition): TypeError {
  const methods = Object.entries(definition).flatMap(([service, found]) =>
    'format' in found ? [] : Object.keys(found).map(method => `${service}/${method}`),
  )
  return new TypeError(
    `expected a method such as ${methods[0] ?? 'package.Service/GrpcMethod'}, got ${JSON.stringify(name)}${didYouMean(name, methods)}`,
  )
}
