// Drives the unmodified tus-js-client against a server; started by scripts/tus_proof in a folder that has it.
// Reads one JSON document from standard input, and writes one line per scenario.

import fs from "node:fs"
import net from "node:net"
import { PassThrough } from "node:stream"
import { text } from "node:stream/consumers"
import * as tus from "tus-js-client"

const { endpoint, token, photos, storage } = JSON.parse(await text(process.stdin))

function started(photo, options = {}) {
  const seen = { methods: [], statuses: [], errors: [] }
  const done = new Promise((resolve, reject) => {
    const { file, ...rest } = options
    seen.upload = new tus.Upload(file ?? fs.readFileSync(photo.path), {
      endpoint,
      headers: { Authorization: token },
      metadata: { visit: photo.visit, photo: photo.photo, filetype: "image/jpeg", sha256: photo.sha256 },
      retryDelays: [0, 200, 500, 1000, 1000, 1000],
      onAfterResponse: (request, response) => {
        seen.methods.push(request.getMethod())
        seen.statuses.push(response.getStatus())
        seen.state ??= response.getHeader("X-Photo-State")
      },
      onSuccess: resolve,
      onError: reject,
      ...rest,
    })
  })
  return { seen, done }
}

async function finished({ seen, done }) {
  seen.upload.start()
  await done
  return seen
}

// A proxy that cuts each of its first connections after so many bytes of the client's.
function cutting(cuts) {
  const target = new URL(endpoint)
  const proxy = net.createServer((client) => {
    let left = cuts.shift() ?? Infinity
    const server = net.connect(target.port, target.hostname)
    const end = () => { client.destroy(); server.destroy() }
    client.on("data", (bytes) => {
      server.write(bytes.subarray(0, left))
      left -= bytes.length
      if (left <= 0) {
        client.pause()
        setTimeout(end, 100)
      }
    })
    server.pipe(client)
    for (const side of [client, server]) side.on("error", end).on("close", end)
  })
  return new Promise((resolve) => proxy.listen(0, "127.0.0.1", () => resolve(proxy)))
}

const scenarios = {
  async "start: one PATCH"(photo) {
    return finished(started(photo))
  },
  async "start: pieces of 64 kB"(photo) {
    return finished(started(photo, { chunkSize: 65_536 }))
  },
  async "start: first piece with the creation"(photo) {
    return finished(started(photo, { chunkSize: 65_536, uploadDataDuringCreation: true }))
  },
  async "start: a stream of unknown length"(photo) {
    const file = fs.createReadStream(photo.path).pipe(new PassThrough()) // no file, whose end it could not find
    return finished(started(photo, { file, chunkSize: 65_536, uploadLengthDeferred: true }))
  },
  async "start: POST in place of PATCH"(photo) {
    return finished(started(photo, { overridePatchMethod: true }))
  },
  async "cut: three connections broken, goes on by itself"(photo) {
    const proxy = await cutting([Infinity, 50_000, Infinity, 60_000, Infinity, 70_000])
    const through = new URL(endpoint)
    through.port = proxy.address().port
    const agent = { createRequest: (method, url) => stack.createRequest(method, url) }
    const stack = new tus.DefaultHttpStack({ agent: false })
    const seen = await finished(started(photo, { endpoint: through.href, httpStack: { ...agent, getName: () => "one connection each" } }))
    proxy.close()
    return seen
  },
  async "resume: stopped half way, gone on with by another run"(photo) {
    const urlStorage = new tus.FileUrlStorage(storage)
    const first = started(photo, { file: fs.createReadStream(photo.path), chunkSize: 65_536, urlStorage, onChunkComplete: (_, held) => held > 100_000 && first.stop() })
    const stopped = new Promise((resolve) => { first.stop = () => first.seen.upload.abort().then(resolve) })
    first.seen.upload.start()
    await stopped
    const second = started(photo, { file: fs.createReadStream(photo.path), urlStorage })
    const [previous] = await second.seen.upload.findPreviousUploads()
    second.seen.upload.resumeFromPreviousUpload(previous)
    const seen = await finished(second)
    seen.methods = [...first.seen.methods, "|", ...seen.methods]
    seen.statuses = [...first.seen.statuses, "|", ...seen.statuses]
    return seen
  },
  async "terminate: stopped for good, then anew"(photo) {
    const first = started(photo, { chunkSize: 65_536, onChunkComplete: () => first.stop() })
    const stopped = new Promise((resolve) => { first.stop = () => first.seen.upload.abort(true).then(resolve) })
    first.seen.upload.start()
    await stopped
    const seen = await finished(started(photo))
    seen.methods = [...first.seen.methods, "|", ...seen.methods]
    seen.statuses = [...first.seen.statuses, "|", ...seen.statuses]
    return seen
  },
  async "refused: other bytes than declared"(photo) {
    const other = Buffer.alloc(1000)
    const upload = started(photo, { file: other })
    upload.seen.upload.start()
    const error = await upload.done.then(() => { throw new Error("accepted") }, (refusal) => refusal)
    upload.seen.state = JSON.parse(error.originalResponse.getBody()).type
    return upload.seen
  },
}

for (const [name, run] of Object.entries(scenarios)) {
  const seen = await run(photos.shift())
  const counted = seen.methods.map((method, at) => method === "|" ? "|" : `${method} ${seen.statuses[at]}`)
  console.log(`${name}: ${counted.join(", ")}; ${seen.state}`)
}

const all = await Promise.all(photos.map((photo) => finished(started(photo, { chunkSize: 65_536 }))))
console.log(`parallel: ${all.length} files at once; ${[...new Set(all.map((seen) => seen.state))]}`)
