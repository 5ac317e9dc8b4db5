/** The statuses of gRPC by name (https://grpc.io/docs/guides/status-codes). */
export const grpcStatuses = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const
export type GrpcStatus = keyof typeof grpcStatuses

const names = Object.keys(grpcStatuses) as GrpcStatus[]

/** Returns the name of a status. Unknown numbers count as UNKNOWN. */
export function grpcStatusOf(code: number): GrpcStatus {
  return names[code] ?? 'UNKNOWN'
}

const byHttpStatus: Readonly<Record<number, GrpcStatus>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  410: 'NOT_FOUND',
  412: 'FAILED_PRECONDITION',
  413: 'RESOURCE_EXHAUSTED',
  416: 'OUT_OF_RANGE',
  422: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  431: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** Returns the status that says over gRPC what this one says over HTTP. */
export function grpcStatusFor(httpStatus: number): GrpcStatus {
  const known = byHttpStatus[httpStatus]
  if (known !== undefined) return known
  if (httpStatus < 400) return 'UNKNOWN'
  return httpStatus < 500 ? 'FAILED_PRECONDITION' : 'INTERNAL'
}
