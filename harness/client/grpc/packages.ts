import type * as js from '@grpc/grpc-js'
import type * as loader from '@grpc/proto-loader'

/** Thrown when a scenario uses gRPC and its packages are not installed. */
export class GrpcUnavailable extends Error {}

/** The community's packages, which are optional: most scenarios do not use gRPC. */
export interface GrpcPackages {
  js: typeof js
  loader: typeof loader
}

/** @throws GrpcUnavailable */
export async function loadPackages(): Promise<GrpcPackages> {
  try {
    const [grpc, protos] = await Promise.all([import('@grpc/grpc-js'), import('@grpc/proto-loader')])
    // It writes to the console by itself.
    grpc.setLogVerbosity(grpc.logVerbosity.NONE)
    return { js: grpc, loader: protos }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new GrpcUnavailable(
      'grpc needs the packages @grpc/grpc-js and @grpc/proto-loader, which are not installed. Install them beside loadcell: npm install --save-dev @grpc/grpc-js@1 @grpc/proto-loader@0.8',
    )
  }
}
