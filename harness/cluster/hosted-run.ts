import { UnusableArchive } from '../bundle/archive.ts'
import { UnpackedBundle } from '../bundle/unpacked-bundle.ts'
import { type BundleStore, ClusterUnavailable } from '../bus/message-bus.ts'
import type { Link, LinkEnd } from '../bus/link.ts'
import type { Clock } from '../../core/clock.ts'
import type { ToCoordinator } from '../coordination/messages.ts'
import type { MovedFiles } from '../feeders/data-files.ts'
import type { AcceptedRun } from './waiting-worker.ts'

/** A process that runs a share, and the link to it. */
export interface HostedProcess {
  link: Link<string, string>
  /** Ends it at once. */
  kill: () => void
}

export interface HostOptions {
  clock: Clock
  store: Pick<BundleStore, 'get'>
  /** Folder whose packages scenarios may import. */
  packages: string
  start: (bundle: UnpackedBundle) => HostedProcess
  /** Aborts when the worker must end now. */
  stop: AbortSignal
}

/** The part of a job that depends on the machine. */
export interface PlacedJob {
  /** Path of the scenario. */
  scenario: string
  /** Set where the files of the scenario lie elsewhere than they were written. */
  moved?: MovedFiles
}

/** Time for a process to end its load and say goodbye. */
const ENDS_WITHIN_MS = 5000

/**
 * Runs an accepted share in a process of its own: fetches and unpacks its bundle, and passes messages on in both directions. When either
 * end is gone, so is the other. Never rejects. @returns how the run ended
 */
export async function hostRun({ offer, link }: AcceptedRun, options: HostOptions): Promise<LinkEnd> {
  const { store, packages, start, clock, stop } = options
  const ended = Promise.race([link.ended, aborted(stop)])
  let bundle: UnpackedBundle
  try {
    const fetched = await Promise.race([store.get(offer.bundle), ended])
    if (!(fetched instanceof Uint8Array)) return leave(link, fetched)
    bundle = new UnpackedBundle(fetched, offer.sha256, { packages, mostBytes: offer.mostBytes })
  } catch (error) {
    return refuse(link, error as Error, { clock, ended })
  }
  try {
    const hosted = started(bundle, start)
    if (hosted instanceof Error) return await refuse(link, hosted, { clock, ended })
    const { link: inner, kill } = hosted
    link.receive(text => inner.send(text.startsWith(ASSIGN) ? assigned(text, bundle) : text))
    inner.receive(text => link.send(text))
    const innerEnd = inner.ended
    const end = await Promise.race([ended.then(end => ({ ...end, isOuter: true })), innerEnd])
    if (!('isOuter' in end)) {
      // It had nothing more to say, or was lost.
      if (end.state === 'lost') link.abandon(end.detail)
      else link.close()
      await link.ended
      return end
    }
    leave(link, end)
    inner.close()
    const over = new AbortController()
    await Promise.race([innerEnd, clock.sleep(ENDS_WITHIN_MS, over.signal)])
    over.abort()
    kill()
    return { state: end.state, detail: end.detail }
  } finally {
    bundle.remove()
  }
}

/** Returns why the process of a share could not be started, such as a folder that cannot be made. */
function started(bundle: UnpackedBundle, start: HostOptions['start']): HostedProcess | Error {
  try {
    return start(bundle)
  } catch (error) {
    return new UnusableArchive(`no process could be started in its folder: ${(error as Error).message}`)
  }
}

const ASSIGN = '{"kind":"assign"'

/** Returns the assignment with the places of the files on this machine. */
function assigned(text: string, { entry, moved }: UnpackedBundle): string {
  const message = JSON.parse(text) as { job: object }
  const job = { ...message.job, scenario: entry, moved } satisfies PlacedJob
  return JSON.stringify({ ...message, job })
}

/** Tells the coordinator why this worker cannot take part, and waits until it knows. */
async function refuse(
  link: AcceptedRun['link'],
  error: Error,
  { clock, ended }: { clock: Clock; ended: Promise<LinkEnd> },
): Promise<LinkEnd> {
  const isExpected = error instanceof UnusableArchive || error instanceof ClusterUnavailable
  const what = isExpected ? error.message : (error.stack ?? error.message)
  const detail = `A worker cannot use the bundle of the scenario: ${what}.`
  const failed: ToCoordinator = { kind: 'failed', outcome: { state: 'scenario_failed', detail } }
  link.receive(() => {})
  link.send(JSON.stringify(failed))
  await Promise.race([ended, clock.sleep(ENDS_WITHIN_MS)])
  link.close()
  return { state: 'lost', detail }
}

/** Leaves the link for the reason that this worker has. */
function leave(link: AcceptedRun['link'], end: LinkEnd): LinkEnd {
  // Does nothing if the link has ended by itself.
  link.abandon(end.detail)
  return end
}

function aborted(signal: AbortSignal): Promise<LinkEnd> {
  return new Promise(resolve => {
    const stop = () => resolve({ state: 'lost', detail: 'the worker was stopped' })
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
