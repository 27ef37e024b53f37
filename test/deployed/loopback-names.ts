/** Names below `localhost`, such as an API's, are this machine; not every resolver knows. For `NODE_OPTIONS=--import`. */
import dns from 'node:dns'

const { lookup } = dns
// All overloads begin with the name, and are passed on as they come.
dns.lookup = Object.assign(
  ((name: string, ...rest: [never]) =>
    lookup(name.endsWith('.localhost') ? '127.0.0.1' : name, ...rest)) as typeof dns.lookup,
  lookup,
)
