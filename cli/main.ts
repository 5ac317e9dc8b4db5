// Starts the command line by the name that its entry had before, for scripts that run a clone. `main.js` says why it is JavaScript.
import './main.js'
