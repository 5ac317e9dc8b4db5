import type { GrpcLibrary } from './library.ts'

interface DescribedFile {
  name: string
  package: string
  bytes: Buffer
}

/** The descriptors of all services, for clients that ask for them. */
export class Descriptors {
  readonly services: readonly string[]
  readonly #names: ReadonlySet<string>
  readonly #files: readonly DescribedFile[]

  constructor({ services, names, files }: GrpcLibrary) {
    this.services = services
    this.#names = new Set(names)
    this.#files = files.map(described)
  }

  fileNamed(name: string): Buffer | undefined {
    return this.#files.find(file => file.name === name)?.bytes
  }

  /** Returns the file of a service, a method, a message or an enum by its full name. */
  fileOf(symbol: string): Buffer | undefined {
    const parent = symbol.slice(0, Math.max(0, symbol.lastIndexOf('.')))
    if (!this.#names.has(symbol) && !this.#names.has(parent)) return undefined
    return this.#files.find(file => symbol.startsWith(`${file.package}.`))?.bytes
  }
}

/** Reads the first two fields of a `FileDescriptorProto`: its name and its package, each shorter than 128 bytes. */
function described(bytes: Buffer): DescribedFile {
  const nameEnd = 2 + bytes[1]!
  const packageEnd = nameEnd + 2 + bytes[nameEnd + 1]!
  return {
    name: bytes.toString('utf8', 2, nameEnd),
    package: bytes.toString('utf8', nameEnd + 2, packageEnd),
    bytes,
  }
}
