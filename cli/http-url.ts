import { InvalidArgumentError } from 'commander'

/** A URL of a target, as it was written. @throws InvalidArgumentError */
export function httpUrl(text: string): string {
  const url = URL.parse(text)
  if (url !== null && /^https?:$/.test(url.protocol)) return text
  throw new InvalidArgumentError(`expected a URL such as http://127.0.0.1:8080, got ${JSON.stringify(text)}`)
}
