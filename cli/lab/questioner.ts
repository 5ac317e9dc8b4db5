import { createInterface, type Interface } from 'node:readline/promises'
import type { LabUnit } from '../../labs/lab.ts'
import { readLabValue } from '../../labs/lab-text.ts'

/** Asks the learner. Where there is no terminal, or its input has ended (Ctrl-D), every answer is undefined. */
export interface Questioner {
  text(question: string): Promise<string | undefined>
  /** Asks for this many numbers on one line, until the answer is good or empty. @returns their texts, each a number */
  numbers(question: string, unit: LabUnit, count: number): Promise<string[] | undefined>
  /** @returns a number from 1 to `count` */
  choose(count: number): Promise<number | undefined>
  close(): void
}

/** @param stop aborts a question that waits, with its reason. */
export function questionerOf(input: NodeJS.ReadStream, output: NodeJS.WriteStream, stop: AbortSignal): Questioner {
  const nobody = Promise.resolve(undefined)
  if (!input.isTTY) return { text: () => nobody, numbers: () => nobody, choose: () => nobody, close() {} }
  const lines: Interface = createInterface({ input, output })
  // A terminal in this mode sends Ctrl-C as a key.
  lines.on('SIGINT', () => process.emit('SIGINT'))
  let hasEnded = false
  lines.once('close', () => (hasEnded = true))
  const ask = async (question: string): Promise<string | undefined> => {
    if (hasEnded) return undefined
    // A question that waits when the input ends is never answered, or rejected: that depends on the terminal.
    const { promise: ended, resolve: end } = Promise.withResolvers<undefined>()
    lines.once('close', end)
    const answer = lines.question(`${question}: `, { signal: stop }).catch((error: unknown) => {
      if (stop.aborted || !hasEnded) throw error
      return undefined
    })
    try {
      return await Promise.race([answer, ended])
    } finally {
      lines.off('close', end)
    }
  }
  return {
    text: ask,
    async numbers(question, unit, count) {
      for (;;) {
        const text = await ask(question)
        if (text === undefined || text.trim() === '') return undefined
        const texts = count === 1 ? [text] : text.trim().split(/[\s;]+/)
        const areNumbers = texts.every(each => readLabValue(each, unit) !== undefined)
        if (texts.length === count && areNumbers) return texts
        const wanted = count === 1 ? 'a number' : `${count} numbers with spaces between them`
        output.write(`Please write ${wanted}, in ${inWords(unit)}, or press Enter to go on without.\n`)
      }
    },
    async choose(count) {
      for (;;) {
        const text = (await ask('Your answer'))?.trim() ?? ''
        if (text === '') return undefined
        const number = Number(text)
        if (Number.isInteger(number) && number >= 1 && number <= count) return number
        output.write(`Please write a number from 1 to ${count}.\n`)
      }
    },
    close: () => lines.close(),
  }
}

function inWords(unit: LabUnit): string {
  return unit === 'share' ? 'per cent' : unit
}
