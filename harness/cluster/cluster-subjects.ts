/** Names of clusters, ids of workers, and ids of links are parts of subjects. */
const PART = /^[\w-]{1,64}$/

/** Most characters of the name of a worker. It is part of messages, not of subjects. */
export const LONGEST_NAME = 256

export const clusterNameRule = 'letters, digits, _ and -, up to 64 of them'

export function isClusterName(text: string): boolean {
  return PART.test(text)
}

/** Subjects of a cluster. All begin with its prefix, so that one permission covers them. */
export class ClusterSubjects {
  readonly prefix: string

  constructor(cluster: string) {
    this.prefix = `loadcell.${cluster}`
  }

  /** Calls of coordinators for workers. */
  get call(): string {
    return `${this.prefix}.call`
  }

  /** Answers to the calls of a coordinator. */
  hello(coordinator: string): string {
    return `${this.prefix}.hello.${coordinator}`
  }

  /** Subject of offers to a worker. */
  offer(worker: string): string {
    return `${this.prefix}.offer.${worker}`
  }

  /** Both directions of a link. */
  link(id: string): { toWorker: string; toCoordinator: string } {
    return { toWorker: `${this.prefix}.link.${id}.worker`, toCoordinator: `${this.prefix}.link.${id}.coordinator` }
  }

  get bundle(): string {
    return `${this.prefix}.bundle`
  }
}
