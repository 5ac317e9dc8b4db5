import { Methods } from './methods.ts'
import { loadPackages } from './packages.ts'
import type { GrpcLibrary } from './prepared-call.ts'

/** Returns what loads the packages when the first user calls, once for all users. */
export function sharedLibrary(): () => Promise<GrpcLibrary> {
  let library: Promise<GrpcLibrary> | undefined
  return () => (library ??= loadPackages().then(packages => ({ packages, methods: new Methods(packages) })))
}
