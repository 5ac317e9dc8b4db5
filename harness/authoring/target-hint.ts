/** Address that stands for a server of the reader's own. */
const OWN_SERVER = 'http://127.0.0.1:8080'

/** Names and addresses that lead to no server of others. */
const OWN_NAME = /^(.*\.)?(localhost|local|internal|test)$/
const OWN_ADDRESS = /^(127(\.\d+){3}|10(\.\d+){3}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|\[::1\])$/

/**
 * Returns the target for commands. A server that others use too is not named in a command that somebody may run without reading it:
 * the path of its URL follows an address of the reader's own machine.
 */
export function targetFor(url: string | undefined): string {
  const parsed = URL.parse(url ?? OWN_SERVER)
  if (url === undefined || parsed === null) return OWN_SERVER
  const isOwn = OWN_NAME.test(parsed.hostname) || OWN_ADDRESS.test(parsed.hostname)
  return isOwn ? url : OWN_SERVER + parsed.pathname.replace(/\/$/, '')
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
