import { arrivalsIn } from '../../calibration/audit/truth.ts'
import type { TargetAddress } from '../../calibration/audit/tool.ts'
import { type LedgerClientOptions, LedgerUnavailable, readBoot, readLedger } from '../../calibration/ledger-client.ts'
import { defaultRun } from '../../contract/headers.ts'
import { systemClock } from '../../core/clock.ts'
import { concealUrl } from '../../harness/client/address/url-credentials.ts'
import type { Network } from '../../harness/client/engine/network.ts'
import { ControlPlane } from '../../harness/control/control-plane.ts'
import { counted } from '../../harness/report/quantity.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { sendTo } from '../process/control-errors.ts'
import { planFor } from '../target/embedded-trust.ts'
import { type EmbeddedTarget, startEmbeddedTarget } from '../target/embedded-target.ts'
import { InputError } from '../process/input-error.ts'
import type { Stops } from '../process/stops.ts'

/** Fewest records that the embedded target keeps: an audit needs all of them. --target-set overrides it. */
const FEWEST_RECORDS = 200_000
const WATCH_EVERY_MS = 250

/** The target that the user asked for. */
export interface TargetChoice {
  /** Target that runs already; undefined for the embedded one. */
  url?: string | undefined
  controlUrl?: string | undefined
  /** How connections to it are made. */
  network?: Network | undefined
  /** Settings of the embedded target. */
  settings: Record<string, string>
  /** Configuration file of the embedded target. */
  config?: string | undefined
}

/** The target of an audit, embedded or already running. */
export class AuditedTarget {
  readonly url: string
  readonly ledger: LedgerClientOptions
  /** Aborts when the embedded target ends by itself. */
  readonly lost: AbortSignal
  readonly #controlUrl: string | undefined
  readonly #control: ControlPlane
  readonly #embedded: EmbeddedTarget | undefined
  readonly #watch: NodeJS.Timeout
  #boot: string | undefined

  constructor({ url, controlUrl, network }: TargetChoice, embedded: EmbeddedTarget | undefined, hurry: AbortSignal) {
    this.url = embedded?.url ?? url!
    this.#embedded = embedded
    this.#controlUrl = embedded?.controlUrl ?? controlUrl
    const options = {
      targetUrl: this.url,
      controlUrl: this.#controlUrl,
      controlToken: process.env['LOADCELL_CONTROL_TOKEN'],
      network,
    }
    this.ledger = { ...options, clock: systemClock, hurry }
    this.#control = new ControlPlane(options)
    const lost = new AbortController()
    this.lost = lost.signal
    this.#watch = setInterval(() => embedded?.lost() !== undefined && lost.abort(), WATCH_EVERY_MS)
    this.#watch.unref()
  }

  get isEmbedded(): boolean {
    return this.#embedded !== undefined
  }

  /** The URL without credentials. */
  get shownUrl(): string {
    return concealUrl(this.url)
  }

  get address(): TargetAddress {
    const url = new URL(this.url)
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
    return { url: url.origin, host: url.hostname, port }
  }

  /** @throws InputError */
  send<T>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
    return sendTo<T>(this.#control, this.#controlUrl ?? this.url, method, path, body)
  }

  /** @throws InputError unless the URL is that of a Loadcell target. */
  async reach(): Promise<void> {
    this.#boot = await readBoot(this.ledger).catch((error: unknown) => {
      if (error instanceof LedgerUnavailable)
        throw new InputError(error.message, 'Name a Loadcell target with --url.', exitCodes.targetUnreachable)
      throw error
    })
    if (this.#boot === undefined) {
      throw new InputError(
        `${this.shownUrl} is not a Loadcell target: it keeps no ledger`,
        'Start one with `loadcell target`.',
      )
    }
  }

  /** An audit counts from zero. @throws InputError when the run has requests already. */
  async assertUnused(run: string): Promise<void> {
    const { operations, open } = await readLedger(this.ledger, run)
    const arrivals = arrivalsIn({ operations })
    if (arrivals === 0) return
    const what = run === defaultRun ? 'without a run header' : `of run ${JSON.stringify(run)}`
    const still = open.requests > 0 ? ` (${open.requests} under way)` : ''
    throw new InputError(
      `the target has ${counted(arrivals, 'request')} ${what} already${still}, which would count as the command's`,
      'Forget them with `curl -X POST <url>/_loadcell/reset?what=ledger`, or leave --url out for a target of the audit’s own.',
    )
  }

  /** @throws InputError when rules are set that would be lost. */
  async assertNoFaults(): Promise<void> {
    const { rules } = await this.send<{ rules: { rule: { id: string } }[] }>('GET', '/faults')
    if (rules.length === 0) return
    const ids = rules.map(({ rule }) => rule.id).join(', ')
    throw new InputError(
      `the target has faults of its own (${ids})`,
      'End them with `loadcell faults clear`, or leave out --faults, --probe and --mutate to audit the target as it is.',
    )
  }

  /** Returns the other runs that it knows. @throws InputError */
  async runsBeside(run: string): Promise<string[]> {
    const { runs } = await this.send<{ runs: string[] }>('GET', '/runs')
    return runs.filter(each => each !== run)
  }

  /** @throws InputError when the target was started again, and so forgot what came before. */
  async assertSame(): Promise<void> {
    if ((await readBoot(this.ledger)) !== this.#boot)
      throw new InputError('the target was restarted during the audit', undefined, exitCodes.targetUnreachable)
  }

  /** Returns what to say when the target does not answer any more. */
  loss(error: LedgerUnavailable): InputError {
    return new InputError(this.#embedded?.lost() ?? error.message, undefined, exitCodes.targetUnreachable)
  }

  async close(hurry?: AbortSignal): Promise<void> {
    clearInterval(this.#watch)
    await this.#embedded?.stop(hurry)
  }
}

/**
 * Starts or reaches the target, and stops one that it started when the work is done.
 * @throws InputError also when the target is lost meanwhile.
 */
export async function withTarget<T>(
  choice: TargetChoice,
  stops: Stops,
  work: (target: AuditedTarget) => Promise<T>,
): Promise<T> {
  const embedded =
    choice.url === undefined
      ? await startEmbeddedTarget(await settingsFor(choice), { signal: stops.graceful, config: choice.config })
      : undefined
  const { network = {} } = choice
  const target = new AuditedTarget(planFor({ ...choice, network }, embedded), embedded, stops.atOnce)
  try {
    await target.reach()
    return await work(target)
  } catch (error) {
    if (error instanceof LedgerUnavailable) throw target.loss(error)
    throw error
  } finally {
    await target.close(stops.atOnce)
  }
}

/** Returns the settings of the embedded target: those of the user, and those that an audit needs. @throws InputError */
async function settingsFor({ settings, config }: TargetChoice): Promise<Record<string, string>> {
  const records = Math.max(FEWEST_RECORDS, config === undefined ? 0 : await recordsIn(config))
  return { 'ledger.details': 'true', 'ledger.records': String(records), ...settings }
}

/** @throws InputError when the file is no configuration. */
async function recordsIn(file: string): Promise<number> {
  const { ConfigurationError, loadConfiguration } = await import('../../target/configuration/load.ts')
  try {
    return loadConfiguration({ file, env: process.env, flags: {} }).ledger.records
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw new InputError(error.message, 'See `loadcell target --print-config` for every key.')
  }
}
