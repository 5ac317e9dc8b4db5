/** Subscribers of the ready-made floors at this path get a burst in one write. */
export const JOINED_PATH = '/joined'
