import { type Random, randomInteger } from '../../../core/random.ts'

/** Words of at most six letters, so that each is one token with the space before it. */
const words =
  `the a of load test queue batch token step rate server client under each while more less time long short answer first last
  before after model cache prompt budget waits grows falls keeps gives takes holds sends reads counts shows moves one two three
  many few all none half peak knee steady late early slow quick exact true number graph curve line point share limit place
  request stream second minute run users people chart table report result check value median tail mean sum room fills drains
  opens closes begins ends joins leaves and or but so then when where which that this it they we you with from into over`
    .split(/\s+/)
    .filter(word => word.length <= 6)

const SHORTEST_SENTENCE = 4
const LONGEST_SENTENCE = 16

/** Returns this number of tokens of text: sentences of words, each token as it follows on the one before. Equal draws give equal text. */
export function prose(count: number, random: Random): string[] {
  const tokens: string[] = []
  let left = 0
  while (tokens.length < count) {
    if (left === 0) left = SHORTEST_SENTENCE + randomInteger(random, LONGEST_SENTENCE - SHORTEST_SENTENCE)
    const word = words[randomInteger(random, words.length)]!
    const isFirst = tokens.length === 0
    const begins = isFirst || tokens[tokens.length - 1] === '.'
    const text = begins ? word[0]!.toUpperCase() + word.slice(1) : word
    tokens.push(isFirst ? text : ` ${text}`)
    left -= 1
    if (left === 0 && tokens.length < count) tokens.push('.')
  }
  return tokens
}

/** Returns one word. */
export function drawnWord(random: Random): string {
  return words[randomInteger(random, words.length)]!
}
