import { quotedStart } from '../../../core/quoted-start.ts'
import type { StompFrame } from '../../../contract/stomp/frame.ts'
import type { MemoryTable } from '../../memory/budget.ts'
import type { Settings } from '../../configuration/settings.ts'
import { StompRefusal } from './refusal.ts'

/** Estimate for a kept frame without its text, measured and rounded up. */
const FRAME_BYTES = 800

/** The transactions under way on a connection: the frames that wait for their COMMIT. All is bounded. */
export class Transactions {
  readonly #settings: Settings
  readonly #memory: MemoryTable
  readonly #open = new Map<string, StompFrame[]>()

  constructor(settings: Settings, memory: MemoryTable) {
    this.#settings = settings
    this.#memory = memory
  }

  /** @throws StompRefusal */
  begin(name: string | undefined): void {
    if (name === undefined || name === '') throw new StompRefusal('invalid_request', 'expected a header transaction')
    if (this.#open.has(name))
      throw new StompRefusal('invalid_request', `transaction ${quotedStart(name)} has begun already`)
    const { transactions } = this.#settings.current.stomp
    if (this.#open.size >= transactions) {
      throw new StompRefusal(
        'invalid_request',
        `expected at most ${transactions} transactions under way (stomp.transactions)`,
      )
    }
    this.#charge(bytesOf(name))
    this.#open.set(name, [])
  }

  /** Keeps a frame until the COMMIT. @throws StompRefusal */
  keep(name: string, frame: StompFrame): void {
    const frames = this.#framesOf(name)
    const { transactionFrames } = this.#settings.current.stomp
    if (frames.length >= transactionFrames) {
      throw new StompRefusal(
        'invalid_request',
        `expected at most ${transactionFrames} frames in a transaction (stomp.transactionFrames)`,
      )
    }
    this.#charge(bytesOfFrame(frame))
    frames.push(frame)
  }

  /** Ends a transaction, and returns its frames. @throws StompRefusal */
  take(name: string | undefined): readonly StompFrame[] {
    const frames = this.#framesOf(name ?? '')
    this.#open.delete(name ?? '')
    let bytes = bytesOf(name ?? '')
    for (const frame of frames) bytes += bytesOfFrame(frame)
    this.#memory.release(bytes)
    return frames
  }

  clear(): void {
    for (const name of this.#open.keys()) this.take(name)
  }

  #framesOf(name: string): StompFrame[] {
    const frames = this.#open.get(name)
    if (frames === undefined) throw new StompRefusal('invalid_request', `there is no transaction ${quotedStart(name)}`)
    return frames
  }

  #charge(bytes: number): void {
    if (!this.#memory.tryCharge(bytes)) {
      throw new StompRefusal('memory_exhausted', this.#memory.refusal(bytes).message)
    }
  }
}

function bytesOf(name: string): number {
  return FRAME_BYTES + 2 * name.length
}

function bytesOfFrame({ headers, bytes }: StompFrame): number {
  let total = FRAME_BYTES + bytes.length
  for (const [name, value] of Object.entries(headers)) total += 2 * (name.length + value.length)
  return total
}
