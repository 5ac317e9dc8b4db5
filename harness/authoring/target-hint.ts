/** Address that stands for a server of the reader's own. */
const OWN_SERVER = 'http://127.0.0.1:8080'

/** Names and addresses that lead to no server of others. */
const OWN_NAME = /^(.*\.)?(localhost|local|internal|test)$/
const OWN_ADDRESS = /^(127(\.\d+){3}|10(\.\d+){3}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|\[::1\])$/

/** Signs that a shell would read, and that may stand in the path of a URL. */
const SHELL_SIGNS = /[^\w\-.~%/:@+,=]/g
/** A host that means the same to a shell as to a browser. */
const PLAIN_HOST = /^([\w.-]+|\[[\da-f:.]+\])$/

/**
 * Returns the target for commands, which runs nothing in a shell, whatever the document or recording says. A server that others use too is not named in a command that somebody may run without reading it:
 * the path of its URL follows an address of the reader's own machine.
 */
export function targetFor(url: string | undefined): string {
  const parsed = URL.parse(url ?? OWN_SERVER)
  if (url === undefined || parsed === null || !PLAIN_HOST.test(parsed.hostname)) return OWN_SERVER
  const isOwn = OWN_NAME.test(parsed.hostname) || OWN_ADDRESS.test(parsed.hostname)
  const path = parsed.pathname.replace(/\/$/, '').replaceAll(SHELL_SIGNS, percentEncoded)
  return (isOwn ? parsed.origin : OWN_SERVER) + path
}

function percentEncoded(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** Returns the sentence that says how a scenario is run. */
export function runSentence(base: string, url: string | undefined): string {
  const target = targetFor(url)
  const other = url === undefined || target === url ? '' : ` It was written from ${url}.`
  return `Run it with \`npx loadcell run ${base}.ts --target ${target}\`.${other} Send load only to a server that is yours.`
}

/** Says how a scenario gets a user name and a password that requests carry as Basic authorization. */
export const BASIC_SENTENCE =
  'Basic authentication: give the user and the password in the URL of the target, as in https://user:password@host.'
