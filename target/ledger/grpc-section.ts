import type { KnownOperation, OperationName } from '../../contract/api/operations.ts'
import type { GrpcStatus } from '../../contract/grpc/status.ts'
import type { GrpcAccount } from '../../contract/ledger.ts'
import type { GrpcBook } from '../exchange/account.ts'

/** The statuses of the calls of one run. There are few of both, so that it needs no bound. */
export class GrpcSection implements GrpcBook {
  readonly #counts = new Map<OperationName, Map<GrpcStatus, number>>()

  ended(operation: OperationName, status: GrpcStatus): void {
    let statuses = this.#counts.get(operation)
    if (statuses === undefined) this.#counts.set(operation, (statuses = new Map()))
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }

  report(): { grpc?: GrpcAccount[] } {
    if (this.#counts.size === 0) return {}
    const grpc = Array.from(this.#counts, ([operation, statuses]) => ({
      operation: operation as KnownOperation,
      statuses: Object.fromEntries(statuses),
    }))
    return { grpc }
  }
}
