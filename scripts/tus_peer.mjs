// The reference server of tus, to compare ours with; started by scripts/tus_proof in a folder that has it.

import { FileStore } from "@tus/file-store"
import { Server } from "@tus/server"

const [port, directory] = process.argv.slice(2)
const datastore = new FileStore({ directory, expirationPeriodInMilliseconds: 168 * 3_600_000 })
const server = new Server({ path: "/v1/uploads", datastore, maxSize: 25_000_000, relativeLocation: true })
server.listen({ host: "127.0.0.1", port: Number(port) }, () => console.log("listening"))
