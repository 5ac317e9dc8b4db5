/** Thrown when a gateway is on and cannot be served. The message says what to install or to set. */
export class GatewayNotServed extends Error {}
